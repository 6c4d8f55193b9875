package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.SmallObjects;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;

/** Reads manifests that a listing told of, with one request each. Any thread. */
public final class ManifestReader {
  private final ObjectStore store;
  private final SegmentKeys keys;

  public ManifestReader(ObjectStore store, SegmentKeys keys) {
    this.store = store;
    this.keys = keys;
  }

  /**
   * The segment as its manifest describes it: in the bucket and nowhere else.
   *
   * @param listed the manifest, of the size and with the ETag that it has now
   * @throws InvalidManifestException if it cannot be understood, or describes another segment than
   *     the one whose place it has
   * @throws StoreException.NotFound or {@link StoreException.PreconditionFailed} if it is gone or
   *     was replaced since it was listed
   */
  public SegmentMetadata read(SegmentId id, StoredObject listed) throws IOException {
    ObjectKey key = listed.key();
    SegmentObjects.requireManifestSize(key, listed.sizeBytes());
    Manifest manifest = Manifest.parse(key, SmallObjects.read(store, listed));
    if (!manifest.id().equals(id) || !key.equals(keys.manifest(id))) {
      throw new InvalidManifestException(
          key, "segment: expected " + id + ", got " + manifest.id(), null);
    }
    try {
      return remote(id, key, manifest);
    } catch (IllegalArgumentException e) {
      throw new InvalidManifestException(key, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * When the segment was deleted and its objects may go, as the tombstone beside its manifest says.
   *
   * @throws IOException if it cannot be understood, or is another segment's
   */
  public Tombstone readTombstone(SegmentId id, StoredObject listed) throws IOException {
    ObjectKey key = listed.key();
    SegmentObjects.requireManifestSize(key, listed.sizeBytes());
    Tombstone tombstone = Tombstone.parse(key, SmallObjects.read(store, listed));
    if (!tombstone.id().equals(id)) {
      throw new IOException(
          "unreadable tombstone: key=" + key + " expected=" + id + " got=" + tombstone.id());
    }
    return tombstone;
  }

  private static SegmentMetadata remote(SegmentId id, ObjectKey key, Manifest manifest) {
    return new SegmentMetadata(
        id,
        manifest.endOffset(),
        manifest.maxTimestampMillis(),
        logSizeBytes(manifest),
        manifest.lastModifiedMillis(),
        manifest.lastModifiedMillis(),
        Tier.COLD,
        new SegmentState.RemoteOnly(manifest.receipt(key, manifest.createdAtMillis())));
  }

  /** A manifest's last file is its log. */
  private static long logSizeBytes(Manifest manifest) {
    return manifest.files().get(manifest.files().size() - 1).sizeBytes();
  }
}
