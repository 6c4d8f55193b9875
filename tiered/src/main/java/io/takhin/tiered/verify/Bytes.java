package io.takhin.tiered.verify;

import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads objects and local files piece by piece, at the run's pace and behind everybody else. */
final class Bytes {
  /** Indexes are read whole; a broker's are 10 MiB at most by default. */
  static final long MAX_WHOLE_BYTES = 64L << 20;

  private static final int RANGE_BYTES = 4 << 20;
  private static final int SLICE_BYTES = 256 << 10;
  private static final Purpose PURPOSE = Purpose.background("verify");

  private final TransferEngine engine;
  private final Pace pace;

  Bytes(TransferEngine engine, Pace pace) {
    this.engine = engine;
    this.pace = pace;
  }

  Pace pace() {
    return pace;
  }

  /** Hands on an object's bytes in order. */
  void object(ObjectKey key, long sizeBytes, WritableByteChannel target)
      throws IOException, InterruptedException {
    for (long start = 0; start < sizeBytes; start += RANGE_BYTES) {
      ByteRange range = new ByteRange(start, Math.min(sizeBytes, start + RANGE_BYTES));
      pace.requests(1);
      engine.read(key, range, null, target, PURPOSE);
      pace.bytes(range.lengthBytes());
    }
  }

  /** A small object as a whole. */
  byte[] object(ObjectKey key, long sizeBytes) throws IOException, InterruptedException {
    if (sizeBytes > MAX_WHOLE_BYTES) {
      throw new IOException(
          "too large to be read whole: key="
              + key
              + " expected_at_most="
              + MAX_WHOLE_BYTES
              + " got="
              + sizeBytes);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) sizeBytes);
    object(key, sizeBytes, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  /** The checksum of an object's bytes, as they are read. */
  Crc32c checksum(ObjectKey key, long sizeBytes) throws IOException, InterruptedException {
    Checksum checksum = new Checksum();
    object(key, sizeBytes, checksum);
    return checksum.value();
  }

  /** Reads a log through a scan; it has to have the size that the scan awaits. */
  LogScan log(Path file, LogScan scan) throws IOException, InterruptedException {
    file(file, scan);
    scan.end();
    return scan;
  }

  /** The same for an object. */
  LogScan log(ObjectKey key, long sizeBytes, LogScan scan)
      throws IOException, InterruptedException {
    object(key, sizeBytes, scan);
    scan.end();
    return scan;
  }

  Crc32c checksum(Path file) throws IOException, InterruptedException {
    Checksum checksum = new Checksum();
    file(file, checksum);
    return checksum.value();
  }

  private void file(Path file, WritableByteChannel target)
      throws IOException, InterruptedException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer slice = ByteBuffer.allocate(SLICE_BYTES);
      while (channel.read(slice.clear()) >= 0) {
        int length = slice.flip().remaining();
        target.write(slice);
        pace.bytes(length);
      }
    }
  }

  /** A small local file as a whole; empty if the segment has none of that kind. */
  byte[] file(SegmentFiles files, FileKind kind) throws IOException, InterruptedException {
    Path file = files.path(kind).orElse(null);
    if (file == null) {
      return new byte[0];
    }
    long sizeBytes = Files.size(file);
    if (sizeBytes > MAX_WHOLE_BYTES) {
      throw new IOException(
          "too large for an index: file="
              + file
              + " expected_at_most="
              + MAX_WHOLE_BYTES
              + " got="
              + sizeBytes);
    }
    pace.bytes(sizeBytes);
    return Files.readAllBytes(file);
  }

  static Crc32c checksum(byte[] bytes) {
    return Crc32c.of(ByteBuffer.wrap(bytes));
  }

  /** Both checks that compare indexes with a log. */
  static List<IndexCheck> checks(byte[] offsetIndex, byte[] timeIndex, long baseOffset) {
    return List.of(
        new OffsetIndexCheck(offsetIndex, baseOffset), new TimeIndexCheck(timeIndex, baseOffset));
  }

  /** Computes a checksum of what is written to it. */
  private static final class Checksum implements WritableByteChannel {
    private final CRC32C crc = new CRC32C();

    @Override
    public int write(ByteBuffer bytes) {
      int length = bytes.remaining();
      crc.update(bytes);
      return length;
    }

    Crc32c value() {
      return new Crc32c((int) crc.getValue());
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
