package io.takhin.tiered.store.memory;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Objects in memory, gone with the process.
 *
 * <p>Thread-safe without locks: an object is an immutable value in a concurrent map, so it appears
 * whole, and a reader that began before an overwrite finishes on the bytes it began with.
 */
public final class MemoryStore implements ObjectStore {
  private final ConcurrentSkipListMap<String, MemoryObject> objects = new ConcurrentSkipListMap<>();
  private final Map<String, MemoryUpload> uploads = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final MemoryCopies copies = new MemoryCopies(this);
  private final Clock clock;
  private final long minPartBytes;
  private volatile boolean closed;

  /** A store that keeps the limits of S3. */
  public MemoryStore() {
    this(Clock.systemUTC(), Multipart.MIN_PART_BYTES);
  }

  /**
   * @param clock dates objects and uploads
   * @param minPartBytes least size of every part but the last; less than S3's {@link
   *     ObjectStore.Multipart#MIN_PART_BYTES} lets tests work on small objects
   */
  public MemoryStore(Clock clock, long minPartBytes) {
    this.clock = clock;
    this.minPartBytes = minPartBytes;
  }

  @Override
  public String description() {
    return "memory";
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    requireUsable("put", key.value());
    ByteBuffer bytes = copy(body);
    requireChecksum("put", key, checksum, Crc32c.of(bytes));
    MemoryObject object = object(key, List.of(bytes), checksum, options);
    publish("put", object, options);
    return object.head();
  }

  private void publish(String operation, MemoryObject object, PutOptions options)
      throws StoreException.PreconditionFailed {
    String key = object.head().key().value();
    if (!options.ifAbsent()) {
      objects.put(key, object);
      return;
    }
    MemoryObject standing = objects.putIfAbsent(key, object);
    if (standing != null) {
      throw new StoreException.PreconditionFailed(
          message(operation, key)
              + ": the object exists already, size="
              + standing.head().sizeBytes()
              + " etag="
              + standing.head().etag(),
          null);
    }
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    requireUsable("start multipart", key.value());
    PendingUpload upload =
        new PendingUpload(key, "upload-" + ids.incrementAndGet(), clock.millis());
    uploads.put(upload.uploadId(), new MemoryUpload(upload, options, new ConcurrentHashMap<>()));
    return new MemoryMultipart(upload);
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return new MemoryMultipart(upload);
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    requireUsable("head", key.value());
    return Optional.ofNullable(objects.get(key.value())).map(MemoryObject::head);
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    ObjectStore.requireRange(key, startBytes, lengthBytes);
    requireUsable("read", key.value());
    MemoryObject object = objects.get(key.value());
    if (object == null) {
      throw new StoreException.NotFound(message("read", key.value()) + ": no such object", null);
    }
    StoredObject head = object.head();
    if (ifMatch != null && !ifMatch.equals(head.etag())) {
      throw new StoreException.PreconditionFailed(
          message("read", key.value())
              + ": the object was overwritten: etag expected="
              + ifMatch
              + " got="
              + head.etag(),
          null);
    }
    if (startBytes > head.sizeBytes() - lengthBytes) {
      throw new StoreException.Corrupt(
          message("read", key.value())
              + ": range past the end: start="
              + startBytes
              + " length="
              + lengthBytes
              + " size="
              + head.sizeBytes(),
          null);
    }
    object.write(startBytes, lengthBytes, target);
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    requireUsable("delete", key.value());
    objects.remove(key.value());
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    if (maxObjects < 1 || maxObjects > 1000) {
      throw new IllegalArgumentException("page size: expected=1..1000 got=" + maxObjects);
    }
    requireUsable("list", prefix);
    Map<String, MemoryObject> rest =
        after == null || after.value().compareTo(prefix) < 0
            ? objects.tailMap(prefix, true)
            : objects.tailMap(after.value(), false);
    return rest.values().stream()
        .map(MemoryObject::head)
        .takeWhile(object -> object.key().value().startsWith(prefix))
        .limit(maxObjects)
        .map(MemoryStore::asListed)
        .toList();
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    requireUsable("list uploads", prefix);
    return uploads.values().stream()
        .map(MemoryUpload::name)
        .filter(upload -> upload.key().value().startsWith(prefix))
        .sorted(
            Comparator.comparing(PendingUpload::key).thenComparing(PendingUpload::initiatedMillis))
        .toList();
  }

  @Override
  public StoreStrain strain() {
    return StoreStrain.NONE;
  }

  @Override
  public ObjectCopies copies() {
    return copies;
  }

  @Override
  public void close() {
    closed = true;
  }

  private MemoryObject object(
      ObjectKey key, List<ByteBuffer> chunks, Crc32c checksum, PutOptions options) {
    long sizeBytes = chunks.stream().mapToLong(ByteBuffer::remaining).sum();
    return new MemoryObject(
        new StoredObject(
            key,
            sizeBytes,
            Optional.of(checksum),
            "etag-" + ids.incrementAndGet(),
            clock.instant(),
            options.metadata(),
            Optional.of(options.contentType())),
        chunks);
  }

  private void requireUsable(String operation, String key) throws StoreException {
    if (closed) {
      throw new StoreException.Unavailable(message(operation, key) + ": the store is closed", null);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new StoreException.Unavailable(message(operation, key) + ": interrupted", null);
    }
  }

  private void requireChecksum(String operation, ObjectKey key, Crc32c expected, Crc32c got)
      throws StoreException {
    if (!expected.equals(got)) {
      throw new StoreException.Corrupt(
          message(operation, key.value())
              + ": checksum mismatch: expected="
              + expected
              + " got="
              + got,
          null);
    }
  }

  private String message(String operation, String key) {
    return description() + ": " + operation + " key=" + key;
  }

  private static ByteBuffer copy(ByteBuffer body) {
    return ByteBuffer.allocate(body.remaining()).put(body.duplicate()).flip().asReadOnlyBuffer();
  }

  /** Listings carry neither metadata nor checksums, as on S3. */
  private static StoredObject asListed(StoredObject object) {
    return new StoredObject(
        object.key(),
        object.sizeBytes(),
        Optional.empty(),
        object.etag(),
        object.lastModified(),
        Map.of());
  }

  /** What was begun: the parts are added by the threads that send them. */
  private record MemoryUpload(
      PendingUpload name, PutOptions options, Map<Integer, MemoryPart> parts) {}

  /** The buffer is read-only, and copied out by nobody: an object is made of it. */
  private record MemoryPart(Part part, ByteBuffer bytes) {}

  private final class MemoryMultipart implements Multipart {
    private final PendingUpload upload;

    MemoryMultipart(PendingUpload upload) {
      this.upload = upload;
    }

    @Override
    public PendingUpload upload() {
      return upload;
    }

    @Override
    public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
      Part.requireNumber(number);
      MemoryUpload pending = pending("put part " + number);
      ByteBuffer bytes = copy(body);
      requireChecksum("put part " + number, upload.key(), checksum, Crc32c.of(bytes));
      Part part = new Part(number, bytes.remaining(), checksum, "part-" + ids.incrementAndGet());
      pending.parts().put(number, new MemoryPart(part, bytes));
      return part;
    }

    @Override
    public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
      Part.requireSequence(parts);
      MemoryUpload pending = pending("complete");
      Crc32c whole = Crc32c.EMPTY;
      List<ByteBuffer> chunks = new ArrayList<>(parts.size());
      for (Part part : parts) {
        MemoryPart kept = pending.parts().get(part.number());
        if (kept == null || !kept.part().etag().equals(part.etag())) {
          throw new StoreException.Rejected(
              message("complete", upload.key().value()) + ": unknown part " + part, null);
        }
        if (kept.part().sizeBytes() < minPartBytes && part.number() < parts.size()) {
          throw new StoreException.Rejected(
              message("complete", upload.key().value())
                  + ": part "
                  + part.number()
                  + " is too small: expected at least "
                  + minPartBytes
                  + " bytes, got "
                  + kept.part().sizeBytes(),
              null);
        }
        whole = whole.combine(kept.part().checksum(), kept.part().sizeBytes());
        chunks.add(kept.bytes());
      }
      requireChecksum("complete", upload.key(), checksum, whole);
      MemoryObject object = object(upload.key(), chunks, whole, pending.options());
      publish("complete", object, pending.options());
      uploads.remove(upload.uploadId());
      return object.head();
    }

    @Override
    public void abort() throws StoreException {
      requireUsable("abort", upload.key().value());
      uploads.remove(upload.uploadId());
    }

    private MemoryUpload pending(String operation) throws StoreException {
      requireUsable(operation, upload.key().value());
      MemoryUpload pending = uploads.get(upload.uploadId());
      if (pending == null) {
        throw new StoreException.NotFound(
            message(operation, upload.key().value())
                + ": no such upload: "
                + upload.uploadId()
                + " was completed or aborted",
            null);
      }
      return pending;
    }
  }
}
