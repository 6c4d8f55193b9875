package io.takhin.tiered.store.metered;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.StoredObject;

/** Counts the requests for copies; the bytes are the store's affair and are none of ours. */
record MeteredCopies(ObjectCopies inner, StoreMeters meters) implements ObjectCopies {
  @Override
  public CopySource source(StoredObject object) {
    return inner.source(object);
  }

  @Override
  public boolean accepts(CopySource source) {
    return inner.accepts(source);
  }

  @Override
  public StoredObject copy(CopySource source, ObjectKey key) throws StoreException {
    return meters.count(StoreOperation.COPY, () -> inner.copy(source, key));
  }

  @Override
  public Upload start(CopySource source, ObjectKey key) throws StoreException {
    Upload started = meters.count(StoreOperation.CREATE_MULTIPART, () -> inner.start(source, key));
    return new MeteredUpload(started, meters);
  }

  private record MeteredUpload(Upload inner, StoreMeters meters) implements Upload {
    @Override
    public PendingUpload upload() {
      return inner.upload();
    }

    @Override
    public void copyPart(int number, long startBytes, long lengthBytes) throws StoreException {
      meters.count(
          StoreOperation.COPY_PART,
          () -> {
            inner.copyPart(number, startBytes, lengthBytes);
            return true;
          });
    }

    @Override
    public StoredObject complete() throws StoreException {
      return meters.count(StoreOperation.COMPLETE, inner::complete);
    }

    @Override
    public void abort() throws StoreException {
      meters.count(
          StoreOperation.ABORT,
          () -> {
            inner.abort();
            return true;
          });
    }
  }
}
