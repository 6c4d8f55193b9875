package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.bucket.Tally.Evidence;
import java.util.Optional;

/** Asks the target what it holds, and compares it with what it should. */
record Verification(ObjectStore target) {

  /**
   * What the copy has to be.
   *
   * @param checksum the source's own, or computed from the bytes that were read; empty if nobody
   *     knows
   * @param etag the source's, where equal ETags mean equal bytes; empty otherwise
   */
  record Expected(
      ObjectKey key, long sizeBytes, Optional<Crc32c> checksum, Optional<String> etag) {}

  /**
   * Asks for the object and compares, by the best evidence there is.
   *
   * @throws ObjectMismatchException if it is missing or different
   */
  Evidence verify(Expected expected) throws StoreException, ObjectMismatchException {
    Optional<StoredObject> found = target.head(expected.key());
    if (found.isEmpty()) {
      throw mismatch(expected, "object missing", "size=" + expected.sizeBytes(), "nothing");
    }
    StoredObject got = found.get();
    if (got.sizeBytes() != expected.sizeBytes()) {
      throw mismatch(
          expected,
          "size mismatch",
          Long.toString(expected.sizeBytes()),
          Long.toString(got.sizeBytes()));
    }
    if (got.checksum().isPresent() && expected.checksum().isPresent()) {
      Crc32c proved = expected.checksum().get();
      if (!got.checksum().get().equals(proved)) {
        throw mismatch(
            expected, "checksum mismatch", proved.toString(), got.checksum().get().toString());
      }
      return Evidence.CHECKSUM;
    }
    boolean sameEtag = expected.etag().filter(got.etag()::equals).isPresent();
    return sameEtag ? Evidence.ETAG : Evidence.SIZE;
  }

  /** Whether the object is certainly there already; size alone does not make it so. */
  boolean holds(Expected expected) throws StoreException {
    try {
      return verify(expected) != Evidence.SIZE;
    } catch (ObjectMismatchException e) {
      return false; // The answer to the question.
    }
  }

  /** After a write whose outcome is unknown: whether it happened, else the failure. */
  void requireArrived(Expected expected, StoreException.Unavailable failure) throws StoreException {
    try {
      if (holds(expected)) {
        return;
      }
    } catch (StoreException e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }

  private ObjectMismatchException mismatch(
      Expected expected, String what, String wanted, String got) {
    return new ObjectMismatchException(
        what
            + ": key="
            + expected.key()
            + " expected="
            + wanted
            + " got="
            + got
            + " store="
            + target.description());
  }
}
