package io.takhin.tiered.archive;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.SmallObjects;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The claims to a prefix as the bucket holds them. Any thread. */
final class WriterClaims {
  /** Far above what a claim takes; whatever is larger is none. */
  private static final long MAX_CLAIM_BYTES = 1 << 16;

  private final ObjectStore store;
  private final SegmentKeys keys;

  /** The newest epoch as the store holds it; the claim is null if it cannot be read. */
  record Newest(
      long epoch, ObjectKey key, String etag, @Nullable WriterClaim claim, String problem) {}

  WriterClaims(ObjectStore store, SegmentKeys keys) {
    this.store = store;
    this.keys = keys;
  }

  /** The claim with the highest epoch. */
  Optional<Newest> newest() throws IOException {
    List<Long> epochs = epochs();
    if (epochs.isEmpty()) {
      return Optional.empty();
    }
    long epoch = epochs.get(epochs.size() - 1);
    ObjectKey key = keys.writer(epoch);
    Optional<StoredObject> object = store.head(key);
    if (object.isEmpty()) {
      throw new StoreException.NotFound("removed while it was looked at: key=" + key, null);
    }
    return Optional.of(read(epoch, object.get()));
  }

  /**
   * Only what the store really holds tells of a writer: by a broken answer nobody may be stopped.
   *
   * @throws StoreException.Unavailable if something else arrived than the store says it holds
   */
  private Newest read(long epoch, StoredObject object) throws IOException {
    ObjectKey key = object.key();
    if (object.sizeBytes() > MAX_CLAIM_BYTES) {
      return new Newest(epoch, key, object.etag(), null, "size=" + object.sizeBytes());
    }
    byte[] json;
    try {
      json = SmallObjects.read(store, object);
    } catch (StoreException.Corrupt e) {
      throw new StoreException.Unavailable("claim did not arrive whole: " + e.getMessage(), e);
    }
    try {
      WriterClaim claim = WriterClaim.parse(key, json);
      return new Newest(epoch, key, object.etag(), claim, "");
    } catch (IOException e) {
      return new Newest(epoch, key, object.etag(), null, String.valueOf(e.getMessage()));
    }
  }

  /** The epochs that were taken and are still there, in ascending order. */
  List<Long> epochs() throws StoreException {
    List<Long> epochs = new ArrayList<>();
    for (StoredObject object : SmallObjects.list(store, keys.writers())) {
      keys.writerEpoch(object.key()).ifPresent(epochs::add);
    }
    return epochs;
  }
}
