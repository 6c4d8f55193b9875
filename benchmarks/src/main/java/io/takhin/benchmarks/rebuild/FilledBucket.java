package io.takhin.benchmarks.rebuild;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A bucket in memory with so many archived segments, over 100 partitions: manifests as the archiver
 * writes them, and files of some bytes, because a rebuild looks at their sizes only.
 */
final class FilledBucket {
  static final String PREFIX = "cluster";
  private static final int PARTITIONS = 100;
  private static final List<String> KINDS = List.of("index", "timeindex", "readindex", "log");
  private static final int FILE_BYTES = 16;

  private FilledBucket() {}

  static MemoryStore of(int segments) throws StoreException {
    MemoryStore store = new MemoryStore();
    ByteBuffer body = ByteBuffer.wrap(new byte[FILE_BYTES]);
    Crc32c checksum = Crc32c.of(body);
    for (int i = 0; i < segments; i++) {
      int partition = i % PARTITIONS;
      long base = i / PARTITIONS * 1000L;
      String name = String.format(Locale.ROOT, "%020d", base);
      String stem = PREFIX + "/orders-" + partition + "/" + name + ".";
      for (String kind : KINDS) {
        store.put(new ObjectKey(stem + kind), body, checksum, PutOptions.BINARY);
      }
      ByteBuffer manifest =
          ByteBuffer.wrap(
              manifest(partition, base, name, checksum).getBytes(StandardCharsets.UTF_8));
      store.put(
          new ObjectKey(stem + "manifest.json"), manifest, Crc32c.of(manifest), PutOptions.BINARY);
    }
    return store;
  }

  private static String manifest(int partition, long base, String name, Crc32c checksum) {
    StringBuilder files = new StringBuilder();
    for (String kind : KINDS) {
      files
          .append(files.length() == 0 ? "" : ", ")
          .append(
              String.format(
                  Locale.ROOT,
                  "{\n    \"kind\" : \"%s\",\n    \"name\" : \"%s.%s\",\n    \"sizeBytes\" : %d,\n"
                      + "    \"crc32c\" : \"%s\"\n  }",
                  kind,
                  name,
                  kind,
                  FILE_BYTES,
                  checksum.base64()));
    }
    return String.format(
        Locale.ROOT,
        """
        {
          "format" : 2,
          "writer" : "takhin",
          "attempt" : "5b1f0c1e-8a1d-4c1f-9d8e-%012d",
          "createdAtMillis" : 1767225600000,
          "topic" : "orders",
          "partition" : %d,
          "baseOffset" : %d,
          "endOffset" : %d,
          "maxTimestampMillis" : 1767225599000,
          "lastModifiedMillis" : 1767225599000,
          "files" : [ %s ]
        }
        """,
        base,
        partition,
        base,
        base + 1000,
        files);
  }
}
