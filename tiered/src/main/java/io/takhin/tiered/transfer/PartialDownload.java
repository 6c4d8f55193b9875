package io.takhin.tiered.transfer;

import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A download as it lies on disk until it is complete: the data, at its final size and with holes,
 * and beside it the list of the ranges that have arrived, by which another process goes on.
 *
 * <pre>
 * &lt;target&gt;.part-data
 * &lt;target&gt;.part-ranges   takhin-download 1 &lt;size&gt; &lt;checksum&gt; &lt;key&gt;     one line
 *                        &lt;start&gt; &lt;length&gt; &lt;checksum&gt;                one for each range
 * </pre>
 *
 * <p>Neither is forced to disk while it grows. After a crash each listed range is read again and
 * compared with its checksum, so one that did not reach the disk, or the torn end of the list, only
 * means that it is fetched again.
 *
 * <p>Ranges are recorded from several threads. One process at a time: the list is locked.
 */
final class PartialDownload implements AutoCloseable {
  private static final String DATA = RangedDownloader.TEMPORARY + "data";
  private static final String RANGES = RangedDownloader.TEMPORARY + "ranges";
  private static final int READ_BYTES = 256 << 10;

  private final Path data;
  private final FileChannel channel;
  private final FileChannel list;

  private PartialDownload(Path data, FileChannel channel, FileChannel list) {
    this.data = data;
    this.channel = channel;
    this.list = list;
  }

  /** What is known of a file to come. */
  record Opened(PartialDownload partial, SortedMap<Long, Crc32c> ranges) {}

  /**
   * Takes up what is there of this object, or begins anew.
   *
   * @return the download, and the checksums of the ranges of the plan that are there, by their
   *     start
   * @throws IOException if somebody else downloads to the same target
   */
  static Opened open(ObjectProof proof, PartPlan plan, Path target) throws IOException {
    Path data = sibling(target, DATA);
    FileChannel list =
        FileChannel.open(
            sibling(target, RANGES),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    @Nullable FileChannel channel = null;
    try {
      lock(list, target);
      channel =
          FileChannel.open(
              data, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      PartialDownload partial = new PartialDownload(data, channel, list);
      return new Opened(partial, partial.resume(proof, plan));
    } catch (IOException | RuntimeException e) {
      closeBoth(list, channel, e);
      throw e;
    }
  }

  private static void lock(FileChannel list, Path target) throws IOException {
    @Nullable FileLock lock;
    try {
      lock = list.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException("another download to the same file is under way: file=" + target);
    }
  }

  private static void closeBoth(
      FileChannel list, @Nullable FileChannel channel, Exception failure) {
    try (list) {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** The ranges that are listed and are as listed; begins the list anew if it is another's. */
  private SortedMap<Long, Crc32c> resume(ObjectProof proof, PartPlan plan) throws IOException {
    String header =
        "takhin-download 1 "
            + proof.sizeBytes()
            + " "
            + proof.checksum().base64()
            + " "
            + proof.key();
    SortedMap<Long, Crc32c> ranges = new TreeMap<>();
    List<String> lines = lines();
    if (!lines.isEmpty() && lines.get(0).equals(header) && channel.size() == proof.sizeBytes()) {
      for (String line : lines.subList(1, lines.size())) {
        accept(line, plan, ranges);
      }
    }
    list.truncate(0);
    append(header);
    for (var range : ranges.entrySet()) {
      int index = (int) (range.getKey() / plan.partSizeBytes());
      record(range.getKey(), plan.lengthBytes(index), range.getValue());
    }
    if (channel.size() != proof.sizeBytes()) {
      channel.truncate(0);
      if (proof.sizeBytes() > 0) {
        channel.write(ByteBuffer.allocate(1), proof.sizeBytes() - 1);
      }
    }
    return ranges;
  }

  private void accept(String line, PartPlan plan, SortedMap<Long, Crc32c> ranges)
      throws IOException {
    String[] words = line.split(" ", -1);
    if (words.length != 3) {
      return;
    }
    long startBytes;
    long lengthBytes;
    Crc32c checksum;
    try {
      startBytes = Long.parseLong(words[0]);
      lengthBytes = Long.parseLong(words[1]);
      checksum = Crc32c.parseBase64(words[2]);
    } catch (IllegalArgumentException e) {
      return; // A line that was being written when the process ended; its range is fetched again.
    }
    long index = startBytes / plan.partSizeBytes();
    boolean ofPlan =
        startBytes >= 0
            && index < plan.count()
            && plan.startBytes((int) index) == startBytes
            && plan.lengthBytes((int) index) == lengthBytes;
    if (ofPlan && checksum.equals(onDisk(startBytes, lengthBytes))) {
      ranges.put(startBytes, checksum);
    }
  }

  private Crc32c onDisk(long startBytes, long lengthBytes) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    long at = startBytes;
    long endBytes = startBytes + lengthBytes;
    while (at < endBytes) {
      buffer.clear().limit((int) Math.min(READ_BYTES, endBytes - at));
      int read = channel.read(buffer, at);
      if (read < 0) {
        break;
      }
      crc.update(buffer.flip());
      at += read;
    }
    return new Crc32c((int) crc.getValue());
  }

  private List<String> lines() throws IOException {
    ByteBuffer text = ByteBuffer.allocate(Math.toIntExact(list.size()));
    while (text.hasRemaining() && list.read(text, text.position()) >= 0) {
      // Until all of it is read.
    }
    return new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).lines().toList();
  }

  Path data() {
    return data;
  }

  FileChannel channel() {
    return channel;
  }

  /** A range has arrived and is written. */
  void record(long startBytes, long lengthBytes, Crc32c checksum) throws IOException {
    append(startBytes + " " + lengthBytes + " " + checksum.base64());
  }

  private synchronized void append(String line) throws IOException {
    ByteBuffer text = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (text.hasRemaining()) {
      list.write(text, list.size());
    }
  }

  /** The data is whole: what remains is the data file. */
  void completed(Path target) throws IOException {
    channel.force(true);
    Files.delete(sibling(target, RANGES));
  }

  /** Whether a temporary file belongs to a download to the target that can be taken up again. */
  static boolean isResumable(Path target, Path temporary) {
    Path data = sibling(target, DATA);
    Path ranges = sibling(target, RANGES);
    return (temporary.equals(data) || temporary.equals(ranges))
        && Files.exists(data)
        && Files.exists(ranges);
  }

  /** Gives up what is there of a file to come, if anything is. */
  static void discard(Path target) throws IOException {
    Files.deleteIfExists(sibling(target, RANGES));
    Files.deleteIfExists(sibling(target, DATA));
  }

  private static Path sibling(Path target, String suffix) {
    return target.resolveSibling(target.getFileName() + suffix);
  }

  @Override
  public void close() throws IOException {
    try (list) {
      channel.close();
    }
  }
}
