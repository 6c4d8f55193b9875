package io.takhin.tiered.archive;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.SmallObjects;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small JSON objects that are read and written whole: holds and tombstones. Any thread. */
final class OwnObjects {
  private static final int MAX_BYTES = 64 << 10;
  private static final String CONTENT_TYPE = "application/json";

  private final ObjectStore store;
  private final ObjectVerifier verifier;

  OwnObjects(ObjectStore store) {
    this.store = store;
    this.verifier = new ObjectVerifier(store);
  }

  /**
   * What stands at the key; empty if nothing does.
   *
   * @throws StoreException.Corrupt if it arrived otherwise than the store holds it
   */
  Optional<byte[]> read(ObjectKey key) throws IOException {
    Optional<StoredObject> object = store.head(key);
    if (object.isEmpty()) {
      return Optional.empty();
    }
    long sizeBytes = object.get().sizeBytes();
    if (sizeBytes > MAX_BYTES) {
      throw new IOException(
          "object is too large to be ours: key="
              + key
              + " expected_bytes<="
              + MAX_BYTES
              + " got_bytes="
              + sizeBytes);
    }
    try {
      return Optional.of(SmallObjects.read(store, object.get()));
    } catch (StoreException.NotFound e) {
      return Optional.empty(); // Removed since it was seen.
    }
  }

  /**
   * Creates the object unless one stands there already, and asks whether it is there.
   *
   * @return what stands there now
   */
  byte[] create(ObjectKey key, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    ObjectProof proof = new ObjectProof(key, bytes.length, Crc32c.of(ByteBuffer.wrap(bytes)));
    try {
      put(key, bytes, true);
      verifier.verify(proof); // Nobody writes it again once the catalog says that it is there.
      return bytes;
    } catch (StoreException.PreconditionFailed | StoreException.Unavailable e) {
      // An unknown outcome, and a refusal that may come from our own success: look.
      try {
        Optional<byte[]> standing = read(key);
        if (standing.isPresent()) {
          return standing.get();
        }
      } catch (IOException reading) {
        e.addSuppressed(reading);
      }
      throw e;
    }
  }

  /** Creates or overwrites the object. */
  void write(ObjectKey key, String json) throws StoreException {
    put(key, json.getBytes(StandardCharsets.UTF_8), false);
  }

  private void put(ObjectKey key, byte[] bytes, boolean ifAbsent) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    store.put(key, body, Crc32c.of(body), new PutOptions(ifAbsent, CONTENT_TYPE, Map.of()));
  }

  void delete(ObjectKey key) throws StoreException {
    store.delete(key);
  }

  /** All keys with the prefix; their number is bounded by whoever writes them. */
  List<ObjectKey> list(String prefix) throws StoreException {
    return SmallObjects.list(store, prefix).stream().map(StoredObject::key).toList();
  }
}
