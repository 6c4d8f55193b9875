package io.takhin.benchmarks.transfer;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.s3.S3Store;
import java.io.IOException;
import java.util.List;

/** The benchmark's own view of the bucket: it checks what contenders left there and removes it. */
final class Bucket implements AutoCloseable {
  private static final int PAGE = 1_000;

  private final ObjectStore store;

  Bucket(Target target) {
    this.store = new S3Store(target.options());
  }

  /**
   * Checks that there is as much under the prefix as was to be uploaded.
   *
   * @throws IOException if it is not
   */
  void require(String prefix, long expectedBytes) throws IOException {
    List<StoredObject> objects = store.list(prefix, null, PAGE);
    long gotBytes = objects.stream().mapToLong(StoredObject::sizeBytes).sum();
    if (gotBytes != expectedBytes) {
      throw new IOException(
          "not all arrived: prefix=" + prefix + " expected=" + expectedBytes + " got=" + gotBytes);
    }
  }

  /**
   * Removes the objects under the prefix, and what there is of unfinished ones; also when the
   * thread is interrupted, because then all the more nothing may be left.
   */
  void remove(String prefix) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      removeAll(prefix);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void removeAll(String prefix) throws IOException {
    List<StoredObject> page = store.list(prefix, null, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        store.delete(object.key());
      }
      page = store.list(prefix, null, PAGE);
    }
    for (PendingUpload upload : store.pendingUploads(prefix)) {
      store.resumeMultipart(upload).abort();
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
