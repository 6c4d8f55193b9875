package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.bucket.SourceWalk.Candidate;
import io.takhin.tiered.transfer.bucket.Verification.Expected;
import java.io.IOException;
import java.util.Optional;

/**
 * Brings one object to the target: looks at it, leaves it if it is there already, copies or streams
 * it, verifies, and notes that down. An object that changes on the way is begun anew once.
 */
final class ObjectMover {
  private static final int ATTEMPTS_AT_A_CHANGING_OBJECT = 2;

  private final BucketPrefix source;
  private final Route route;
  private final DirectCopy direct;
  private final StreamCopy stream;
  private final Verification verification;
  private final Progress progress;
  private final Tally tally;

  ObjectMover(
      BucketPrefix source,
      Route route,
      DirectCopy direct,
      StreamCopy stream,
      Verification verification,
      Progress progress,
      Tally tally) {
    this.source = source;
    this.route = route;
    this.direct = direct;
    this.stream = stream;
    this.verification = verification;
    this.progress = progress;
    this.tally = tally;
  }

  void move(Candidate candidate) throws IOException {
    ObjectKey sourceKey = candidate.listed().key();
    ObjectKey targetKey =
        candidate
            .targetKey()
            .orElseThrow(() -> new IOException("too long for a key at the target: " + sourceKey));
    if (candidate.comparable() && progress.isDone(candidate.listed())) {
      skipped(candidate.listed());
      return;
    }
    for (int attempt = 1; true; attempt++) {
      StoredObject object =
          source
              .store()
              .head(sourceKey)
              .orElseThrow(
                  () ->
                      new StoreException.NotFound(
                          "removed since it was listed: key=" + sourceKey, null));
      try {
        moveAsItIs(candidate, object, targetKey);
        return;
      } catch (StoreException.PreconditionFailed e) {
        if (attempt == ATTEMPTS_AT_A_CHANGING_OBJECT) {
          throw new IOException(
              "it changed while it was copied, " + attempt + " times: " + e.getMessage(), e);
        }
      }
    }
  }

  private void moveAsItIs(Candidate candidate, StoredObject object, ObjectKey targetKey)
      throws IOException {
    Expected same =
        new Expected(targetKey, object.sizeBytes(), object.checksum(), Optional.of(object.etag()));
    boolean perhapsThere =
        candidate.standing().filter(at -> at.sizeBytes() == object.sizeBytes()).isPresent();
    if (perhapsThere && verification.holds(same)) {
      progress.done(object);
      skipped(object);
      return;
    }
    if (!route.direct() || !copiedInside(object, same)) {
      streamed(object, targetKey);
    }
    progress.done(object);
    tally.copied.increment();
  }

  /** Whether the store made the copy; if it refused, it is to be streamed. */
  private boolean copiedInside(StoredObject object, Expected same) throws IOException {
    try (Moved moved = new Moved(tally)) {
      direct.copy(object, same, moved);
      tally.verified(verification.verify(same));
      moved.keep();
    } catch (StoreException.Rejected e) {
      return streamInstead(e);
    } catch (StoreException.NotFound e) {
      // It was there a moment ago. If it still is, the target's credentials do not see it.
      if (source.store().head(object.key()).isEmpty()) {
        throw e;
      }
      return streamInstead(e);
    }
    route.copied();
    tally.insideBytes.add(object.sizeBytes());
    return true;
  }

  private void streamed(StoredObject object, ObjectKey targetKey) throws IOException {
    try (Moved moved = new Moved(tally)) {
      Expected sent = stream.copy(object, targetKey, moved);
      tally.verified(verification.verify(sent));
      moved.keep();
    }
    tally.streamedBytes.add(object.sizeBytes());
  }

  private boolean streamInstead(StoreException refusal) throws StoreException {
    if (!route.refused(String.valueOf(refusal.getMessage()))) {
      throw refusal;
    }
    return false;
  }

  private void skipped(StoredObject object) {
    tally.skipped.increment();
    tally.skippedBytes.add(object.sizeBytes());
  }
}
