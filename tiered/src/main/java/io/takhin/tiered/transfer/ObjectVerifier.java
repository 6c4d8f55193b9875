package io.takhin.tiered.transfer;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.Optional;

/** Compares what the store says it holds with what was read on this machine. */
public final class ObjectVerifier {
  private final ObjectStore store;

  public ObjectVerifier(ObjectStore store) {
    this.store = store;
  }

  /**
   * Asks for the object and compares.
   *
   * @return what the store says of it, equal to the proof in size and checksum
   * @throws ObjectMismatchException if it is missing, different, or without a checksum
   * @throws StoreException if the store did not answer
   */
  public StoredObject verify(ObjectProof proof) throws StoreException, ObjectMismatchException {
    Optional<StoredObject> found = store.head(proof.key());
    if (found.isEmpty()) {
      throw new ObjectMismatchException(
          "object missing: key="
              + proof.key()
              + " expected_bytes="
              + proof.sizeBytes()
              + " store="
              + store.description());
    }
    StoredObject object = found.get();
    if (object.sizeBytes() != proof.sizeBytes()) {
      throw new ObjectMismatchException(
          "size mismatch: key="
              + proof.key()
              + " expected="
              + proof.sizeBytes()
              + " got="
              + object.sizeBytes()
              + " store="
              + store.description());
    }
    if (object.checksum().isEmpty()) {
      throw new ObjectMismatchException(
          "store keeps no full-object checksum, so nothing can be proved and no local file will be"
              + " deleted: key="
              + proof.key()
              + " store="
              + store.description());
    }
    if (!object.checksum().get().equals(proof.checksum())) {
      throw new ObjectMismatchException(
          "checksum mismatch: key="
              + proof.key()
              + " expected="
              + proof.checksum()
              + " got="
              + object.checksum().get()
              + " store="
              + store.description());
    }
    return object;
  }

  /** Whether the object is there as proved; for the caller that can put it there. */
  public boolean holds(ObjectProof proof) throws StoreException {
    try {
      verify(proof);
      return true;
    } catch (ObjectMismatchException e) {
      return false; // The answer to the question; the caller does not need to know what differs.
    }
  }
}
