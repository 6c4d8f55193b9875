package io.takhin.tiered.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Objects that are few and small enough to be held in memory, whole. Any thread. */
public final class SmallObjects {
  private static final int PAGE = 1000;

  private SmallObjects() {}

  /**
   * The object's bytes, of the version that was seen. The caller bounds the size before.
   *
   * @throws StoreException.Corrupt if it did not arrive with the size and, where the store tells
   *     one, the checksum that it is stored with: such a body says nothing of what stands there
   * @throws StoreException.NotFound or {@link StoreException.PreconditionFailed} if it is gone or
   *     was replaced since it was seen
   */
  public static byte[] read(ObjectStore store, StoredObject seen) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(Math.toIntExact(seen.sizeBytes()));
    store.read(seen.key(), 0, seen.sizeBytes(), seen.etag(), Channels.newChannel(body));
    byte[] bytes = body.toByteArray();
    Crc32c got = Crc32c.of(ByteBuffer.wrap(bytes));
    if (bytes.length != seen.sizeBytes() || !seen.checksum().orElse(got).equals(got)) {
      throw new StoreException.Corrupt(
          "object did not arrive as it is stored: key="
              + seen.key()
              + " expected_bytes="
              + seen.sizeBytes()
              + " got_bytes="
              + bytes.length
              + " expected="
              + seen.checksum().map(Crc32c::toString).orElse("unknown")
              + " got="
              + got,
          null);
    }
    return bytes;
  }

  /**
   * All objects whose keys begin so, in the order of the keys, by one request for each 1,000 begun.
   * Their number is bounded by whoever writes them.
   */
  public static List<StoredObject> list(ObjectStore store, String prefix) throws StoreException {
    List<StoredObject> objects = new ArrayList<>();
    @Nullable ObjectKey after = null;
    while (true) {
      List<StoredObject> page = store.list(prefix, after, PAGE);
      objects.addAll(page);
      if (page.size() < PAGE) {
        return objects;
      }
      after = page.get(page.size() - 1).key();
    }
  }

  /** How many requests a listing of so many objects took. */
  public static int requests(List<StoredObject> listed) {
    return listed.size() / PAGE + 1;
  }
}
