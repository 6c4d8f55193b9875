package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
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
import io.takhin.tiered.store.SmallObjects;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The objects of a segment as the bucket holds them, manifest included. Any thread.
 *
 * <p>Nothing is removed without asking first whether the prefix is still this process's.
 */
public final class SegmentObjects {
  /** Far above what a manifest takes; whatever is larger is none. */
  private static final long MAX_MANIFEST_BYTES = 1 << 20;

  private static final int LIST_PAGE = 1000;

  private final ObjectStore store;
  private final SegmentKeys keys;
  private final ObjectVerifier verifier;
  private final OwnObjects own;
  private final WriterEpoch writer;
  private final StepObserver steps;

  public SegmentObjects(
      ObjectStore store, SegmentKeys keys, WriterEpoch writer, StepObserver steps) {
    this.store = store;
    this.keys = keys;
    this.writer = writer;
    this.verifier = new ObjectVerifier(store);
    this.own = new OwnObjects(store);
    this.steps = steps;
  }

  public SegmentKeys keys() {
    return keys;
  }

  /**
   * To be asked before objects are replaced.
   *
   * @throws WriterStoppedException if the prefix is another writer's
   */
  public void requireOwner() throws IOException, CatalogException {
    writer.requireOwnerNow();
  }

  /** The manifest that stands at the key; empty if none does. */
  public Optional<Manifest> manifest(ObjectKey key) throws IOException {
    Optional<StoredObject> object = store.head(key);
    if (object.isEmpty()) {
      return Optional.empty();
    }
    long sizeBytes = object.get().sizeBytes();
    requireManifestSize(key, sizeBytes);
    byte[] json;
    try {
      json = SmallObjects.read(store, object.get());
    } catch (StoreException.NotFound e) {
      return Optional.empty(); // Removed since it was seen.
    }
    return Optional.of(Manifest.parse(key, json));
  }

  static void requireManifestSize(ObjectKey key, long sizeBytes) throws InvalidManifestException {
    if (sizeBytes > MAX_MANIFEST_BYTES) {
      throw new InvalidManifestException(
          key, "size: expected at most " + MAX_MANIFEST_BYTES + ", got " + sizeBytes, null);
    }
  }

  /**
   * Commits: creates the manifest unless one stands there already. An outcome that is not known, or
   * a refusal that may come from our own earlier success, is settled by reading what stands there.
   *
   * @return what stands there now: this manifest, or one that describes the same bytes
   * @throws AnotherWriterException if it describes others
   */
  public Manifest create(Manifest manifest) throws IOException {
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

  /**
   * Writes a manifest anew, for a segment that is committed already and whose objects were all
   * found to be as it says.
   *
   * @param isMissing then nothing is overwritten, should somebody else have written one meanwhile
   */
  public void repair(Manifest manifest, boolean isMissing) throws StoreException {
    SegmentId id = manifest.id();
    PutOptions options =
        new PutOptions(isMissing, Manifest.CONTENT_TYPE, Map.of("attempt", manifest.attempt()));
    steps.around(
        DurableStep.REPAIR_MANIFEST,
        id,
        () -> putWhole(keys.manifest(id), ByteBuffer.wrap(manifest.toJson()), options));
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
   * Creates a small object that was made in memory, and replaces one unless the options forbid
   * that. An unknown outcome, or a refusal that may come from our own earlier success, is settled
   * by asking what stands there.
   *
   * @return what the object has to be
   */
  public ObjectProof putWhole(ObjectKey key, ByteBuffer body) throws StoreException {
    return putWhole(key, body, PutOptions.BINARY);
  }

  /** As {@link #putWhole(ObjectKey, ByteBuffer)}, under the options' condition. */
  ObjectProof putWhole(ObjectKey key, ByteBuffer body, PutOptions options) throws StoreException {
    ObjectProof proof = new ObjectProof(key, body.remaining(), Crc32c.of(body));
    try {
      store.put(key, body, proof.checksum(), options);
    } catch (StoreException.Unavailable | StoreException.PreconditionFailed e) {
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

  public static ObjectProof proof(ArchivedFile file) {
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

  /** Whether the store holds each file as described. */
  public boolean holdsAll(List<ArchivedFile> files) throws StoreException {
    for (ArchivedFile file : files) {
      if (!holds(file)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a manifest stands where the receipt says. */
  boolean isCommitted(Receipt receipt) throws StoreException {
    return store.head(receipt.manifest()).isPresent();
  }

  /**
   * Removes what an attempt left that did not commit. Only for a segment without a manifest: what a
   * manifest names is not a leftover. One that appeared since it was looked for ends this.
   *
   * @throws StoreException.PreconditionFailed if a manifest stands there
   */
  void removePartials(SegmentId id) throws IOException, CatalogException {
    writer.requireOwnerNow();
    ObjectKey manifest = keys.manifest(id);
    steps.around(
        DurableStep.REMOVE_PARTIAL_OBJECTS,
        id,
        () -> {
          for (PendingUpload upload : store.pendingUploads(keys.stem(id))) {
            store.resumeMultipart(upload).abort();
          }
          List<StoredObject> left = store.list(keys.stem(id), null, LIST_PAGE);
          if (left.stream().anyMatch(object -> object.key().equals(manifest))) {
            throw new StoreException.PreconditionFailed(
                "manifest appeared, nothing was removed: key=" + manifest, null);
          }
          for (StoredObject object : left) {
            requireStillOwner();
            store.delete(object.key());
          }
          return id;
        });
  }

  /** Between one removal and the next, which may have taken long. */
  private void requireStillOwner() throws IOException {
    try {
      writer.requireOwner();
    } catch (CatalogException e) {
      throw new IOException("cannot tell whether the prefix is still ours", e);
    }
  }

  /**
   * Removes a manifest whose objects cannot be made good, and then whatever else lies there of the
   * segment.
   */
  void removeCommitted(SegmentId id, ObjectKey manifest) throws IOException, CatalogException {
    writer.requireOwnerNow();
    removeOne(DurableStep.REMOVE_MANIFEST, id, manifest);
    removePartials(id);
  }

  /**
   * Removes everything the receipt names, the manifest first, so that no manifest ever names
   * objects that are gone.
   */
  void remove(SegmentId id, Receipt receipt) throws IOException, CatalogException {
    writer.requireOwnerNow();
    removeOne(DurableStep.REMOVE_MANIFEST, id, receipt.manifest());
    for (ArchivedFile file : receipt.files()) {
      requireStillOwner();
      removeOne(DurableStep.REMOVE_FILE, id, file.key());
    }
  }

  /** Says beside the manifest that the segment is deleted. */
  void writeTombstone(Tombstone tombstone) throws StoreException {
    SegmentId id = tombstone.id();
    steps.around(
        DurableStep.WRITE_TOMBSTONE,
        id,
        () -> {
          own.write(keys.tombstone(id), tombstone.toJson());
          return id;
        });
  }

  /** One that is not there counts as removed. */
  void removeTombstone(SegmentId id) throws StoreException {
    removeOne(DurableStep.REMOVE_TOMBSTONE, id, keys.tombstone(id));
  }

  /**
   * Asks the store for the manifest and for all that the receipt names.
   *
   * @throws ObjectMismatchException if something is missing or is not what was proved
   */
  void requireComplete(Receipt receipt) throws IOException {
    verify(receipt.files());
    if (!isCommitted(receipt)) {
      throw new ObjectMismatchException("manifest missing: key=" + receipt.manifest());
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
