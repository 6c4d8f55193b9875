package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Sees to it that no upload in parts is forgotten: each is noted before it begins, and aborted when
 * it does not come to its end, now or by the next run.
 */
record Uploads(ObjectStore target, Progress progress) {

  /** An upload as both ways of copying have it. */
  interface Begun {
    PendingUpload upload();

    void abort() throws StoreException;
  }

  /** Begins an upload. */
  @FunctionalInterface
  interface Beginning<U extends Begun> {
    U begin() throws StoreException;
  }

  /** What is done with an upload, completion included. */
  @FunctionalInterface
  interface Work<U extends Begun> {
    void with(U upload) throws IOException;
  }

  <U extends Begun> void run(ObjectKey key, Beginning<U> beginning, Work<U> work)
      throws IOException {
    progress.begins(key);
    U upload = beginning.begin();
    try {
      progress.began(upload.upload());
      work.with(upload);
    } catch (IOException | RuntimeException | Error e) {
      if (aborted(upload, e)) {
        progress.ended(key);
      }
      throw e;
    }
    progress.ended(key);
  }

  /**
   * Aborts what a killed run left. An upload that was about to begin has no name: every pending one
   * at exactly that key is taken for it, because the key is this transfer's to write.
   *
   * @return how many were aborted
   */
  int abortLeftovers() throws IOException {
    int aborted = 0;
    for (Map.Entry<String, Optional<PendingUpload>> leftover : progress.leftovers().entrySet()) {
      ObjectKey key = new ObjectKey(leftover.getKey());
      if (leftover.getValue().isPresent()) {
        target.resumeMultipart(leftover.getValue().get()).abort();
        aborted++;
      } else {
        for (PendingUpload pending : target.pendingUploads(key.value())) {
          if (pending.key().equals(key)) {
            target.resumeMultipart(pending).abort();
            aborted++;
          }
        }
      }
      progress.ended(key);
    }
    return aborted;
  }

  /** With the interrupt put aside, because the store refuses an interrupted thread. */
  private static boolean aborted(Begun upload, Throwable failure) {
    boolean interrupted = Thread.interrupted();
    try {
      upload.abort();
      return true;
    } catch (StoreException e) {
      failure.addSuppressed(e);
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
