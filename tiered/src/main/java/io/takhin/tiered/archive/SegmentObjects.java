package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectVerifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The objects of a segment as the bucket holds them, manifest included. Any thread. */
public final class SegmentObjects {
  /** Far above what a manifest takes; whatever is larger is none. */
  private static final long MAX_MANIFEST_BYTES = 1 << 20;

  private static final int LIST_PAGE = 1000;

  private final ObjectStore store;
  private final SegmentKeys keys;
  private final ObjectVerifier verifier;
  private final StepObserver steps;

  public SegmentObjects(ObjectStore store, SegmentKeys keys, StepObserver steps) {
    this.store = store;
    this.keys = keys;
    this.verifier = new ObjectVerifier(store);
    this.steps = steps;
  }

  SegmentKeys keys() {
    return keys;
  }

  /** The manifest that stands at the key; empty if none does. */
  Optional<Manifest> manifest(ObjectKey key) throws IOException {
    Optional<StoredObject> object = store.head(key);
    if (object.isEmpty()) {
      return Optional.empty();
    }
    long sizeBytes = object.get().sizeBytes();
    if (sizeBytes > MAX_MANIFEST_BYTES) {
      throw new InvalidManifestException(
          key, "size: expected at most " + MAX_MANIFEST_BYTES + ", got " + sizeBytes, null);
    }
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try {
      store.read(key, 0, sizeBytes, object.get().etag(), Channels.newChannel(json));
    } catch (StoreException.NotFound e) {
      return Optional.empty(); // Removed since it was seen.
    }
    return Optional.of(Manifest.parse(key, json.toByteArray()));
  }

  /**
   * Commits: creates the manifest unless one stands there already. An outcome that is not known, or
   * a refusal that may come from our own earlier success, is settled by reading what stands there.
   *
   * @return what stands there now: this manifest, or one that describes the same bytes
   * @throws AnotherWriterException if it describes others
   */
  Manifest create(Manifest manifest) throws IOException {
    SegmentId id = manifest.id();
    ObjectKey key = keys.manifest(id);
    ByteBuffer json = ByteBuffer.wrap(manifest.toJson());
    PutOptions ifAbsent =
        new PutOptions(true, Manifest.CONTENT_TYPE, Map.of("attempt", manifest.attempt()));
    try {
      steps.around(
          DurableStep.CREATE_MANIFEST, id, () -> store.put(key, json, Crc32c.of(json), ifAbsent));
      return manifest;
    } catch (StoreException.PreconditionFailed | StoreException.Unavailable e) {
      return standing(manifest, key, e);
    }
  }

  private Manifest standing(Manifest ours, ObjectKey key, StoreException failure)
      throws IOException {
    Optional<Manifest> found;
    try {
      found = manifest(key);
    } catch (IOException e) {
      failure.addSuppressed(e);
      throw failure;
    }
    Manifest theirs = found.orElseThrow(() -> failure);
    if (!theirs.describesSameFiles(ours.files())) {
      throw another(theirs, key, ours.files());
    }
    return theirs;
  }

  /**
   * Creates or overwrites a small object that was made in memory. An unknown outcome is settled by
   * asking what stands there.
   *
   * @return what the object has to be
   */
  ObjectProof putWhole(ObjectKey key, ByteBuffer body) throws StoreException {
    ObjectProof proof = new ObjectProof(key, body.remaining(), Crc32c.of(body));
    try {
      store.put(key, body, proof.checksum(), PutOptions.BINARY);
    } catch (StoreException.Unavailable e) {
      if (!arrived(proof, e)) {
        throw e;
      }
    }
    return proof;
  }

  private boolean arrived(ObjectProof proof, StoreException failure) {
    try {
      return verifier.holds(proof);
    } catch (StoreException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  static AnotherWriterException another(Manifest theirs, ObjectKey key, List<ArchivedFile> ours) {
    return new AnotherWriterException(
        theirs.id(), key, theirs.files() + " attempt " + theirs.attempt(), ours.toString());
  }

  static ObjectProof proof(ArchivedFile file) {
    return new ObjectProof(file.key(), file.sizeBytes(), file.checksum());
  }

  /**
   * Asks the store for each file and compares size and checksum.
   *
   * @throws ObjectMismatchException if one is not what was proved
   */
  void verify(List<ArchivedFile> files) throws IOException {
    for (ArchivedFile file : files) {
      verifier.verify(proof(file));
    }
  }

  boolean holds(ArchivedFile file) throws StoreException {
    return verifier.holds(proof(file));
  }

  /** Whether a manifest stands where the receipt says. */
  boolean isCommitted(Receipt receipt) throws StoreException {
    return store.head(receipt.manifest()).isPresent();
  }

  /**
   * Removes what an attempt left that did not commit. Only for a segment without a manifest: what a
   * manifest names is not a leftover.
   */
  void removePartials(SegmentId id) throws StoreException {
    steps.around(
        DurableStep.REMOVE_PARTIAL_OBJECTS,
        id,
        () -> {
          for (PendingUpload upload : store.pendingUploads(keys.stem(id))) {
            store.resumeMultipart(upload).abort();
          }
          for (StoredObject object : store.list(keys.stem(id), null, LIST_PAGE)) {
            store.delete(object.key());
          }
          return id;
        });
  }

  /**
   * Removes a manifest whose objects cannot be made good, and then whatever else lies there of the
   * segment.
   */
  void removeCommitted(SegmentId id, ObjectKey manifest) throws StoreException {
    removeOne(DurableStep.REMOVE_MANIFEST, id, manifest);
    removePartials(id);
  }

  /**
   * Removes everything the receipt names, the manifest first, so that no manifest ever names
   * objects that are gone.
   */
  void remove(SegmentId id, Receipt receipt) throws StoreException {
    removeOne(DurableStep.REMOVE_MANIFEST, id, receipt.manifest());
    for (ArchivedFile file : receipt.files()) {
      removeOne(DurableStep.REMOVE_FILE, id, file.key());
    }
  }

  private void removeOne(DurableStep step, SegmentId id, ObjectKey key) throws StoreException {
    steps.around(
        step,
        id,
        () -> {
          store.delete(key);
          return key;
        });
  }
}
