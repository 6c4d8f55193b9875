package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.PartPlan;
import io.takhin.tiered.transfer.bucket.ChunkBuffers.Lease;
import io.takhin.tiered.transfer.bucket.Verification.Expected;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Carries an object through memory: a chunk at a time from the source to the target, with the
 * checksum computed on the way. A small object is one request, a large one goes in parallel parts.
 */
record StreamCopy(
    ObjectStore source,
    ObjectStore target,
    BucketTransferOptions options,
    Carrier carrier,
    Uploads uploads,
    Verification verification) {

  /** What the parts of all objects share. */
  record Carrier(ChunkBuffers buffers, PartRuns runs) {}

  /** Copies the object as it was described, and returns what the copy has to be. */
  Expected copy(StoredObject object, ObjectKey key, Moved moved) throws IOException {
    String type = object.contentType().orElse(PutOptions.BINARY.contentType());
    PutOptions create = new PutOptions(false, type, object.metadata());
    return object.sizeBytes() <= options.chunkSizeBytes()
        ? whole(object, key, create, moved)
        : inParts(object, key, create, moved);
  }

  private Expected whole(StoredObject object, ObjectKey key, PutOptions create, Moved moved)
      throws IOException {
    try (Lease lease = carrier.buffers().take(object.sizeBytes())) {
      ByteBuffer body = lease.buffer();
      read(object, 0, body, moved);
      Crc32c checksum = Crc32c.of(body);
      Expected sent = expected(object, key, checksum);
      try {
        target.put(key, body, checksum, create);
      } catch (StoreException.Unavailable e) {
        verification.requireArrived(sent, e);
      }
      return sent;
    }
  }

  private Expected inParts(StoredObject object, ObjectKey key, PutOptions create, Moved moved)
      throws IOException {
    PartPlan parts = options.streamParts(object.sizeBytes());
    Expected[] sent = new Expected[1];
    uploads.run(
        key,
        () -> new Sending(target.startMultipart(key, create)),
        upload -> sent[0] = sendParts(object, parts, upload.inner(), moved));
    return sent[0];
  }

  private Expected sendParts(StoredObject object, PartPlan parts, Multipart upload, Moved moved)
      throws IOException {
    Part[] accepted = new Part[parts.count()]; // each written by one thread, read after the run
    carrier
        .runs()
        .run(
            parts.count(),
            index -> {
              try (Lease lease = carrier.buffers().take(parts.lengthBytes(index))) {
                ByteBuffer body = lease.buffer();
                read(object, parts.startBytes(index), body, moved);
                accepted[index] = upload.putPart(index + 1, body, Crc32c.of(body));
              }
            });
    List<Part> all = Arrays.asList(accepted);
    Crc32c checksum = Crc32c.EMPTY;
    for (Part part : all) {
      checksum = checksum.combine(part.checksum(), part.sizeBytes());
    }
    Expected sent = expected(object, upload.upload().key(), checksum);
    try {
      upload.complete(all, checksum);
    } catch (StoreException.Unavailable e) {
      verification.requireArrived(sent, e);
    }
    return sent;
  }

  private void read(StoredObject object, long startBytes, ByteBuffer into, Moved moved)
      throws IOException {
    if (into.hasRemaining()) {
      new ChunkRead(source, object, moved).read(startBytes, into);
    }
  }

  /**
   * What the copy has to be: the bytes that were read.
   *
   * @throws StoreException.Corrupt if these are not what the source says it has
   */
  private Expected expected(StoredObject object, ObjectKey key, Crc32c read)
      throws StoreException.Corrupt {
    if (object.checksum().isPresent() && !object.checksum().get().equals(read)) {
      throw new StoreException.Corrupt(
          "the source's bytes are not what its checksum says: key="
              + object.key()
              + " expected="
              + object.checksum().get()
              + " got="
              + read
              + " store="
              + source.description(),
          null);
    }
    return new Expected(key, object.sizeBytes(), Optional.of(read), Optional.of(object.etag()));
  }

  private record Sending(Multipart inner) implements Uploads.Begun {
    @Override
    public PendingUpload upload() {
      return inner.upload();
    }

    @Override
    public void abort() throws StoreException {
      inner.abort();
    }
  }
}
