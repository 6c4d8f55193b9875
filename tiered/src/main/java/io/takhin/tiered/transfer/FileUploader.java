package io.takhin.tiered.transfer;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Uploads a file and computes its proof from the bytes it sends: the file is read once, in parts,
 * and the checksums of the parts combine into that of the whole.
 *
 * <p>A file that fits one part is sent with one request, a larger one in parallel parts. When this
 * fails, no parts stay behind in the store, unless the store was unreachable for the abort as well;
 * whoever recorded the intent aborts them later.
 */
public final class FileUploader {
  private static final int MAX_PARTS = 10_000; // the limit of S3

  private final ObjectStore store;
  private final ObjectVerifier verifier;
  private final TransferPool pool;

  public FileUploader(ObjectStore store, TransferPool pool) {
    this.store = store;
    this.verifier = new ObjectVerifier(store);
    this.pool = pool;
  }

  /**
   * Creates or overwrites the object with the file's bytes. Blocks; the work is done on the pool.
   *
   * @return what the object has to be; the store has accepted it but was not asked again
   * @throws SourceChangedException if the file changed meanwhile; what is at the key is then not to
   *     be trusted
   */
  public ObjectProof upload(Path file, ObjectKey key) throws IOException {
    try (FileReader reader = FileReader.open(file)) {
      long partSizeBytes = pool.options().partSizeBytes();
      if (reader.sizeBytes() > partSizeBytes * MAX_PARTS) {
        throw new IOException(
            "file needs more than "
                + MAX_PARTS
                + " parts, raise the part size: file="
                + file
                + " size_bytes="
                + reader.sizeBytes()
                + " part_size_bytes="
                + partSizeBytes);
      }
      ObjectProof proof =
          reader.sizeBytes() <= partSizeBytes
              ? pool.run(1, ignored -> putWhole(reader, key)).get(0)
              : putInParts(reader, key);
      reader.requireUnchanged();
      return proof;
    }
  }

  /** The proof of a file that may be in the store already: reads it all and sends nothing. */
  public ObjectProof prove(Path file, ObjectKey key) throws IOException {
    try (FileReader reader = FileReader.open(file)) {
      List<Crc32c> checksums =
          pool.run(partCount(reader), index -> reader.read(startOf(index), buffer(reader, index)));
      reader.requireUnchanged();
      return new ObjectProof(key, reader.sizeBytes(), combine(reader, checksums));
    }
  }

  private ObjectProof putWhole(FileReader reader, ObjectKey key) throws IOException {
    ByteBuffer body = buffer(reader, 0);
    Crc32c checksum = reader.read(0, body);
    ObjectProof proof = new ObjectProof(key, reader.sizeBytes(), checksum);
    try {
      store.put(key, body, checksum, PutOptions.BINARY);
    } catch (StoreException.Unavailable e) {
      requireArrived(proof, e);
    }
    return proof;
  }

  private ObjectProof putInParts(FileReader reader, ObjectKey key) throws IOException {
    Multipart upload = store.startMultipart(key, PutOptions.BINARY);
    try {
      List<Part> parts = pool.run(partCount(reader), index -> putPart(reader, upload, index));
      // Before the object becomes visible: a changed file must not replace a good object.
      reader.requireUnchanged();
      Crc32c whole = combine(reader, parts.stream().map(Part::checksum).toList());
      ObjectProof proof = new ObjectProof(key, reader.sizeBytes(), whole);
      try {
        upload.complete(parts, whole);
      } catch (StoreException.Unavailable e) {
        requireArrived(proof, e);
      }
      return proof;
    } catch (IOException | RuntimeException e) {
      abort(upload, e);
      throw e;
    }
  }

  private Part putPart(FileReader reader, Multipart upload, int index) throws IOException {
    ByteBuffer body = buffer(reader, index);
    Crc32c checksum = reader.read(startOf(index), body);
    return upload.putPart(index + 1, body, checksum);
  }

  /** The outcome is unknown, so the store is asked before the failure is believed. */
  private void requireArrived(ObjectProof proof, StoreException.Unavailable failure)
      throws StoreException {
    try {
      if (verifier.holds(proof)) {
        return;
      }
    } catch (StoreException e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }

  /** With the interrupt put aside, because the store refuses an interrupted thread. */
  private static void abort(Multipart upload, Exception failure) {
    boolean interrupted = Thread.interrupted();
    try {
      upload.abort();
    } catch (StoreException e) {
      failure.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private int partCount(FileReader reader) {
    long partSizeBytes = pool.options().partSizeBytes();
    return Math.toIntExact((reader.sizeBytes() + partSizeBytes - 1) / partSizeBytes);
  }

  private long startOf(int index) {
    return index * pool.options().partSizeBytes();
  }

  private ByteBuffer buffer(FileReader reader, int index) {
    return pool.buffer().limit(Math.toIntExact(lengthOf(reader, index)));
  }

  private long lengthOf(FileReader reader, int index) {
    return Math.min(pool.options().partSizeBytes(), reader.sizeBytes() - startOf(index));
  }

  private Crc32c combine(FileReader reader, List<Crc32c> checksums) {
    Crc32c whole = Crc32c.EMPTY;
    for (int index = 0; index < checksums.size(); index++) {
      whole = whole.combine(checksums.get(index), lengthOf(reader, index));
    }
    return whole;
  }
}
