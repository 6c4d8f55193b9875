package io.takhin.testkit;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Writes segments that look like a broker's: a log of text lines, an offset index with an entry per
 * 4 KiB of log, and a time index beside it.
 *
 * <p>The same seed, segment and size give the same bytes, so a test that failed can be repeated.
 * The log is not made of record batches: the archiver never looks inside.
 */
public final class SegmentFixture {
  private static final int INDEX_INTERVAL_BYTES = 4096;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long FIRST_TIMESTAMP_MILLIS = 1_700_000_000_000L;
  private static final String[] WORDS = {
    "archived",
    "broker",
    "closed",
    "consumer",
    "disk",
    "fetched",
    "leader",
    "offset",
    "opened",
    "partition",
    "produced",
    "replica",
    "request",
    "retried",
    "segment",
    "sealed",
    "session",
    "timeout",
    "topic",
    "written"
  };

  private final Path root;
  private final long seed;

  /**
   * @param root the data directory, which exists
   */
  public SegmentFixture(Path root, long seed) {
    this.root = root;
    this.seed = seed;
  }

  /**
   * Writes one segment's files, in place of those that are there.
   *
   * @param logBytes exact size of the log
   */
  public SegmentFiles write(SegmentId id, long logBytes) throws IOException {
    Path directory = Files.createDirectories(root.resolve(id.partition().directory()));
    Random random = new Random(seed * 31 + id.hashCode());
    writeLog(directory.resolve(FileKind.LOG.fileName(id)), logBytes, random);
    int entries = Math.toIntExact(logBytes / INDEX_INTERVAL_BYTES);
    ByteBuffer index = ByteBuffer.allocate(entries * (Integer.BYTES + Integer.BYTES));
    ByteBuffer timeIndex = ByteBuffer.allocate(entries * (Long.BYTES + Integer.BYTES));
    for (int entry = 1; entry <= entries; entry++) {
      int relativeOffset = entry * 40;
      index
          .putInt(relativeOffset)
          .putInt((int) Math.min(Integer.MAX_VALUE, (long) entry * INDEX_INTERVAL_BYTES));
      timeIndex.putLong(FIRST_TIMESTAMP_MILLIS + entry * 250L).putInt(relativeOffset);
    }
    Files.write(directory.resolve(FileKind.INDEX.fileName(id)), index.array());
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(id)), timeIndex.array());
    return SegmentFiles.locate(root, id);
  }

  /** The checksum of each of a segment's files, to compare before and after a move. */
  public static Map<FileKind, Crc32c> digests(SegmentFiles files) throws IOException {
    Map<FileKind, Crc32c> digests = new EnumMap<>(FileKind.class);
    for (Map.Entry<FileKind, Path> file : files.paths().entrySet()) {
      digests.put(file.getKey(), digest(file.getValue()));
    }
    return digests;
  }

  /** The checksum of a file. */
  public static Crc32c digest(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        crc.update(buffer.flip());
      }
    }
    return new Crc32c((int) crc.getValue());
  }

  private static void writeLog(Path file, long sizeBytes, Random random) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      long line = 0;
      for (long rest = sizeBytes; rest > 0; ) {
        StringBuilder text = new StringBuilder(CHUNK_BYTES + 200);
        while (text.length() < Math.min(rest, CHUNK_BYTES)) {
          appendLine(text, line++, random);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer chunk = ByteBuffer.wrap(bytes, 0, (int) Math.min(rest, bytes.length));
        rest -= chunk.remaining();
        while (chunk.hasRemaining()) {
          channel.write(chunk);
        }
      }
    }
  }

  private static void appendLine(StringBuilder text, long line, Random random) {
    text.append(
        String.format(
            Locale.ROOT, "{\"line\":%d,\"trace\":\"%016x\",\"text\":\"", line, random.nextLong()));
    int words = 4 + random.nextInt(8);
    for (int word = 0; word < words; word++) {
      text.append(word == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
    }
    text.append("\"}\n");
  }
}
