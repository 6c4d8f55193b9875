package io.takhin.testkit.bucket;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Fills buckets, and tells what is in them. */
final class Buckets {
  static final int MIB = 1 << 20;

  private Buckets() {}

  /** Puts an object with bytes that its key decides. */
  static StoredObject put(ObjectStore store, String key, int sizeBytes) throws StoreException {
    return put(store, key, sizeBytes, key.hashCode());
  }

  static StoredObject put(ObjectStore store, String key, int sizeBytes, long seed)
      throws StoreException {
    byte[] bytes = new byte[sizeBytes];
    new Random(seed).nextBytes(bytes);
    ByteBuffer body = ByteBuffer.wrap(bytes);
    PutOptions options = new PutOptions(false, "text/plain", Map.of("of", key));
    return store.put(new ObjectKey(key), body, Crc32c.of(body), options);
  }

  /** Size, checksum, type and metadata of every object, by its key below the prefix. */
  static Map<String, String> contents(ObjectStore store, String prefix) throws StoreException {
    Map<String, String> contents = new TreeMap<>();
    @Nullable ObjectKey after = null;
    int listed;
    do {
      listed = 0;
      for (StoredObject object : store.list(prefix, after, 1000)) {
        StoredObject head = store.head(object.key()).orElseThrow();
        contents.put(
            object.key().value().substring(prefix.length()),
            head.sizeBytes()
                + " "
                + head.checksum().orElseThrow()
                + " "
                + head.contentType().orElse("")
                + " "
                + head.metadata());
        after = object.key();
        listed++;
      }
    } while (listed == 1000);
    return contents;
  }
}
