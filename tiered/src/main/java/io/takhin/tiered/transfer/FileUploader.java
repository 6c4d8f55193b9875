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
import java.util.List;

/**
 * Uploads a file and computes its proof from the bytes it sends: the file is read once, in parts,
 * and the checksums of the parts combine into that of the whole.
 *
 * <p>A file that fits one part is sent with one request, a larger one in parallel parts. When this
 * fails, no parts stay behind in the store, unless the store was unreachable for the abort as well;
 * whoever recorded the intent aborts them later.
 */
final class FileUploader {
  private final ObjectStore store;
  private final ObjectVerifier verifier;
  private final TransferPool pool;
  private final PartBuffers buffers;
  private final long partSizeBytes;

  FileUploader(ObjectStore store, TransferPool pool, PartBuffers buffers, long partSizeBytes) {
    this.store = store;
    this.verifier = new ObjectVerifier(store);
    this.pool = pool;
    this.buffers = buffers;
    this.partSizeBytes = partSizeBytes;
  }

  /** A file on its way to its key. */
  private record Upload(
      Transfer transfer,
      FileReader reader,
      PartPlan plan,
      ObjectKey key,
      PutOptions options,
      ChunkChecksums chunks) {}

  /**
   * Creates or overwrites the object with the file's bytes. Blocks; the work is done on the pool.
   *
   * @param chunks filled on the way
   * @return what the object has to be; the store has accepted it but was not asked again
   * @throws SourceChangedException if the file changed meanwhile; what is at the key is then not to
   *     be trusted
   */
  ObjectProof upload(
      Transfer transfer,
      FileReader reader,
      ObjectKey key,
      PutOptions options,
      ChunkChecksums chunks)
      throws IOException {
    PartPlan plan = PartPlan.forUpload(reader.sizeBytes(), chunks.alignedBytes(partSizeBytes));
    Upload upload = new Upload(transfer, reader, plan, key, options, chunks);
    ObjectProof proof =
        upload.plan().count() == 1
            ? pool.run(transfer, 1, ignored -> putWhole(upload)).get(0)
            : putInParts(upload);
    reader.requireUnchanged();
    return proof;
  }

  /** The proof of a file that may be in the store already: reads it all and sends nothing. */
  ObjectProof prove(Transfer transfer, FileReader reader, ObjectKey key) throws IOException {
    PartPlan plan = PartPlan.forUpload(reader.sizeBytes(), partSizeBytes);
    List<Crc32c> checksums =
        pool.run(
            transfer,
            plan.count(),
            index -> {
              ByteBuffer body = buffers.acquire(plan.lengthBytes(index));
              try {
                Crc32c checksum = reader.read(plan.startBytes(index), body, ChunkChecksums.NONE);
                transfer.moved(plan.lengthBytes(index));
                return checksum;
              } finally {
                buffers.release(body);
              }
            });
    reader.requireUnchanged();
    return new ObjectProof(key, reader.sizeBytes(), combine(plan, checksums));
  }

  private ObjectProof putWhole(Upload upload) throws IOException, InterruptedException {
    long sizeBytes = upload.plan().sizeBytes();
    ByteBuffer body = buffers.acquire(sizeBytes);
    try {
      Crc32c checksum = upload.reader().read(0, body, upload.chunks());
      ObjectProof proof = new ObjectProof(upload.key(), sizeBytes, checksum);
      try {
        store.put(upload.key(), body, checksum, upload.options());
      } catch (StoreException.Unavailable | StoreException.PreconditionFailed e) {
        requireArrived(proof, e);
      }
      upload.transfer().moved(sizeBytes);
      return proof;
    } finally {
      buffers.release(body);
    }
  }

  private ObjectProof putInParts(Upload upload) throws IOException {
    Multipart multipart = store.startMultipart(upload.key(), upload.options());
    try {
      PartPlan plan = upload.plan();
      List<Part> parts =
          pool.run(upload.transfer(), plan.count(), index -> putPart(upload, multipart, index));
      // Before the object becomes visible: a changed file must not replace a good object.
      upload.reader().requireUnchanged();
      Crc32c whole = combine(plan, parts.stream().map(Part::checksum).toList());
      ObjectProof proof = new ObjectProof(upload.key(), plan.sizeBytes(), whole);
      try {
        multipart.complete(parts, whole);
      } catch (StoreException.Unavailable e) {
        requireArrived(proof, e);
      } catch (StoreException.PreconditionFailed e) {
        requireArrived(proof, e);
        abort(multipart, e); // The object that stands is as good, and the parts are not needed.
      }
      return proof;
    } catch (IOException | RuntimeException | Error e) {
      abort(multipart, e);
      throw e;
    }
  }

  private Part putPart(Upload upload, Multipart multipart, int index)
      throws IOException, InterruptedException {
    PartPlan plan = upload.plan();
    ByteBuffer body = buffers.acquire(plan.lengthBytes(index));
    try {
      Crc32c checksum = upload.reader().read(plan.startBytes(index), body, upload.chunks());
      Part part = multipart.putPart(index + 1, body, checksum);
      upload.transfer().moved(part.sizeBytes());
      return part;
    } finally {
      buffers.release(body);
    }
  }

  /**
   * The outcome is unknown, or an object stands that may be our own earlier success, so the store
   * is asked before the failure is believed. An object of the same bytes is what was wanted.
   */
  private void requireArrived(ObjectProof proof, StoreException failure) throws StoreException {
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
  static void abort(Multipart multipart, Throwable failure) {
    boolean interrupted = Thread.interrupted();
    try {
      multipart.abort();
    } catch (StoreException e) {
      failure.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Crc32c combine(PartPlan plan, List<Crc32c> checksums) {
    Crc32c whole = Crc32c.EMPTY;
    for (int index = 0; index < checksums.size(); index++) {
      whole = whole.combine(checksums.get(index), plan.lengthBytes(index));
    }
    return whole;
  }
}
