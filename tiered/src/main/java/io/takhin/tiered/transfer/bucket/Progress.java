package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** What is remembered of a transfer from one run to the next; safe for several threads. */
interface Progress {
  /** For a transfer that is not to be gone on with. */
  Progress NONE =
      new Progress() {
        @Override
        public boolean isDone(StoredObject listed) {
          return false;
        }

        @Override
        public Map<String, Optional<PendingUpload>> leftovers() {
          return Map.of();
        }

        @Override
        public void done(StoredObject source) {}

        @Override
        public void begins(ObjectKey target) {}

        @Override
        public void began(PendingUpload upload) {}

        @Override
        public void ended(ObjectKey target) {}

        @Override
        public void close(boolean everythingIsDone) {}
      };

  /** Whether an earlier run verified this object, with this ETag and size, at the target. */
  boolean isDone(StoredObject listed);

  /**
   * Uploads that an earlier run left behind, by target key; without a name if the run ended before
   * it could note that down.
   */
  Map<String, Optional<PendingUpload>> leftovers();

  /** The object, with this ETag and size, is verified at the target. */
  void done(StoredObject source) throws IOException;

  /** An upload to the key is about to begin; durable on return. */
  void begins(ObjectKey target) throws IOException;

  /** The upload that has begun. */
  void began(PendingUpload upload) throws IOException;

  /** The upload to the key was completed or aborted. */
  void ended(ObjectKey target) throws IOException;

  void close(boolean everythingIsDone) throws IOException;
}
