package io.takhin.tiered.store;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bucket, reduced to what an archiver needs.
 *
 * <p>Every method may be called from any thread, blocks until the store has answered, and retries
 * transient failures inside the adapter within its configured bounds; callers never retry on top.
 * On interrupt the flag is restored and {@link StoreException.Unavailable} is thrown.
 *
 * <p>What the port does not do: rename, append, change an object, or list consistently with writers
 * that are under way. Objects become visible whole, when {@link #put} or {@link Multipart#complete}
 * returns.
 */
public interface ObjectStore extends AutoCloseable {

  /** Where this is, for messages and logs, such as {@code s3://bucket at http://127.0.0.1:9000}. */
  String description();

  /**
   * Creates or overwrites an object with the buffer's remaining bytes, in one request.
   *
   * <p>The adapter sends the checksum along, so that the store refuses bytes that were altered on
   * the way. With {@link PutOptions#ifAbsent()}, an adapter whose retry finds its own earlier
   * success reports success.
   *
   * @param body not changed, owned by the caller, and free for reuse after the return
   * @param checksum over the body, as computed by the caller when the bytes were first seen
   * @throws StoreException.Corrupt if the bytes that arrived have another checksum; nothing is
   *     created then
   * @throws StoreException.PreconditionFailed if {@code ifAbsent} is asked for and there is one
   */
  StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException;

  /**
   * Begins an object that is sent in parts. Whether {@link PutOptions#ifAbsent()} holds is asked
   * when it is completed, and only if it is completed through the returned upload: one that was
   * taken up again has no condition.
   */
  Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException;

  /**
   * Takes up an upload that was begun earlier, perhaps by another process, so it can be aborted.
   */
  Multipart resumeMultipart(PendingUpload upload);

  /** What the store holds at the key; empty when nothing. */
  Optional<StoredObject> head(ObjectKey key) throws StoreException;

  /**
   * Writes the bytes of a range to the target, in order.
   *
   * <p>A range that reaches past the end is {@link StoreException.Corrupt}: callers know the size.
   * An empty range writes nothing, but the object is checked for all the same. An adapter goes on
   * after a broken connection, within its retries; a failure may come after some bytes were
   * written.
   *
   * @param ifMatch an ETag the object must still have, else {@link
   *     StoreException.PreconditionFailed}; null for any
   * @throws StoreException.NotFound if there is no such object
   * @throws TargetException if the target failed, with its exception as the cause
   */
  void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException;

  /**
   * For adapters: what {@link #read} accepts as a range.
   *
   * @throws IllegalArgumentException if a part of it is negative
   */
  static void requireRange(ObjectKey key, long startBytes, long lengthBytes) {
    if (startBytes < 0 || lengthBytes < 0) {
      throw new IllegalArgumentException(
          "negative range: key=" + key + " start=" + startBytes + " length=" + lengthBytes);
    }
  }

  /**
   * Removes an object; one that is not there counts as removed.
   *
   * @throws StoreException.Retained if the store keeps this one: Object Lock, a legal hold, or a
   *     permission that these credentials lack
   */
  void delete(ObjectKey key) throws StoreException;

  /**
   * Objects whose keys begin with the prefix, in key order, one page at a time. A page shorter than
   * {@code maxObjects} is the last. Keys that no {@link ObjectKey} can have, since others wrote
   * them, are passed over.
   *
   * @param prefix may be empty or end anywhere within an element
   * @param after last key of the previous page; null for the first
   * @param maxObjects page size, 1 to 1000
   */
  List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException;

  /**
   * As {@link #list(String, ObjectKey, int)}, and tells the keys that were passed over on the way,
   * for those who have to answer for every object of a bucket. A store that cannot hold such keys
   * tells none.
   *
   * @param passedOver called on the calling thread, before this returns
   */
  default List<StoredObject> list(
      String prefix, @Nullable ObjectKey after, int maxObjects, Consumer<String> passedOver)
      throws StoreException {
    return list(prefix, after, maxObjects);
  }

  /** Multipart uploads under the prefix that were begun and neither completed nor aborted. */
  List<PendingUpload> pendingUploads(String prefix) throws StoreException;

  /** Copies inside the store; lives as long as this. */
  ObjectCopies copies();

  /**
   * The trouble that this store's adapter overcame so far; {@link StoreStrain#NONE} if it has none.
   */
  StoreStrain strain();

  /** Releases connections and threads. Calls under way fail with {@link StoreException}. */
  @Override
  void close();

  /**
   * An object on its way, in parts. Parts may be sent from several threads; {@link #complete} and
   * {@link #abort} by one, after the last part has returned.
   */
  interface Multipart {
    /** The least size of every part but the last, as S3 has it: 5 MiB. */
    long MIN_PART_BYTES = 5L << 20;

    /** The number of the last part there can be, as S3 has it. */
    int MAX_PARTS = 10_000;

    PendingUpload upload();

    /**
     * Sends one part.
     *
     * @param number 1 to {@link #MAX_PARTS}, in the order of the bytes
     * @param body {@link #MIN_PART_BYTES} or more, unless it is the last part; not changed, owned
     *     by the caller, and free for reuse after the return
     * @throws StoreException.Corrupt if the bytes that arrived have another checksum
     * @throws StoreException.NotFound if the upload was completed or aborted
     */
    Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException;

    /**
     * Makes the object visible, if the store's own checksum over all of it agrees.
     *
     * @param parts in ascending order of number, without gaps
     * @param checksum over the whole object
     * @throws StoreException.Corrupt if the store computed another checksum; the parts are kept
     * @throws StoreException.PreconditionFailed if {@code ifAbsent} was asked for and there is an
     *     object, which may be this one after a retry; it is left alone, and the parts may be kept
     * @throws StoreException.Rejected if a part is unknown, or too small and not the last
     * @throws StoreException.NotFound if the upload was aborted
     */
    StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException;

    /** Discards the parts; one that is gone already counts as aborted. */
    void abort() throws StoreException;
  }

  /**
   * A part the store has accepted.
   *
   * @param etag the store's name for the part
   */
  record Part(int number, long sizeBytes, Crc32c checksum, String etag) {
    public Part {
      requireNumber(number);
    }

    /**
     * For adapters: what {@link Multipart#putPart} accepts as a number.
     *
     * @throws IllegalArgumentException if it is not one
     */
    public static void requireNumber(int number) {
      if (number < 1 || number > Multipart.MAX_PARTS) {
        throw new IllegalArgumentException(
            "part number out of range: expected=1.." + Multipart.MAX_PARTS + " got=" + number);
      }
    }

    /**
     * For adapters: what {@link Multipart#complete} accepts as a list of parts.
     *
     * @throws IllegalArgumentException if the numbers are not 1, 2, 3 and so on
     */
    public static void requireSequence(List<Part> parts) {
      if (parts.isEmpty()) {
        throw new IllegalArgumentException("an object in parts has at least one part, got none");
      }
      for (int index = 0; index < parts.size(); index++) {
        if (parts.get(index).number() != index + 1) {
          throw new IllegalArgumentException(
              "parts out of order: expected number="
                  + (index + 1)
                  + " got="
                  + parts.get(index).number());
        }
      }
    }
  }

  /**
   * Names a multipart upload.
   *
   * @param initiatedMillis when it began, by the store's clock, in milliseconds since the epoch
   */
  record PendingUpload(ObjectKey key, String uploadId, long initiatedMillis) {}
}
