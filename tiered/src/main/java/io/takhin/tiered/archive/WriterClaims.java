package io.takhin.tiered.archive;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The claims to a prefix as the bucket holds them. Any thread. */
final class WriterClaims {
  private static final int LIST_PAGE = 1000;

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
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    store.read(key, 0, object.sizeBytes(), object.etag(), Channels.newChannel(json));
    Crc32c came = Crc32c.of(ByteBuffer.wrap(json.toByteArray()));
    if (json.size() != object.sizeBytes() || !object.checksum().orElse(came).equals(came)) {
      throw new StoreException.Unavailable(
          "claim did not arrive whole: key="
              + key
              + " expected="
              + object.sizeBytes()
              + " "
              + object.checksum().map(Crc32c::toString).orElse("")
              + " got="
              + json.size()
              + " "
              + came,
          null);
    }
    try {
      WriterClaim claim = WriterClaim.parse(key, json.toByteArray());
      return new Newest(epoch, key, object.etag(), claim, "");
    } catch (IOException e) {
      return new Newest(epoch, key, object.etag(), null, String.valueOf(e.getMessage()));
    }
  }

  /** The epochs that were taken and are still there, in ascending order. */
  List<Long> epochs() throws StoreException {
    List<Long> epochs = new ArrayList<>();
    @Nullable ObjectKey after = null;
    List<StoredObject> page;
    do {
      page = store.list(keys.writers(), after, LIST_PAGE);
      for (StoredObject object : page) {
        keys.writerEpoch(object.key()).ifPresent(epochs::add);
        after = object.key();
      }
    } while (page.size() == LIST_PAGE);
    return epochs;
  }
}
