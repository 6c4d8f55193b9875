package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.PartPlan;
import io.takhin.tiered.transfer.bucket.Verification.Expected;
import java.io.IOException;

/** Has the store copy an object: by one request, or in parallel parts where it is too large. */
record DirectCopy(
    ObjectStore target,
    Route route,
    BucketTransferOptions options,
    PartRuns runs,
    Uploads uploads,
    Verification verification) {

  /** Copies the object as it was described; the copy is not verified yet. */
  void copy(StoredObject object, Expected expected, Moved moved) throws IOException {
    CopySource source = route.copySource(object);
    if (object.sizeBytes() <= options.copyLimitBytes()) {
      try {
        target.copies().copy(source, expected.key());
      } catch (StoreException.Unavailable e) {
        verification.requireArrived(expected, e);
      }
      moved.add(object.sizeBytes());
      return;
    }
    uploads.run(
        expected.key(),
        () -> new Copying(target.copies().start(source, expected.key())),
        upload -> copyParts(upload.inner(), expected, moved));
  }

  private void copyParts(ObjectCopies.Upload upload, Expected expected, Moved moved)
      throws IOException {
    PartPlan parts = options.copyParts(expected.sizeBytes());
    runs.run(
        parts.count(),
        index -> {
          upload.copyPart(index + 1, parts.startBytes(index), parts.lengthBytes(index));
          moved.add(parts.lengthBytes(index));
        });
    try {
      upload.complete();
    } catch (StoreException.Unavailable e) {
      verification.requireArrived(expected, e);
    }
  }

  private record Copying(ObjectCopies.Upload inner) implements Uploads.Begun {
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
