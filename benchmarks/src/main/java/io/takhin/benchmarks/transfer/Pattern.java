package io.takhin.benchmarks.transfer;

import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * What the files of the benchmark hold, and what the sink serves in their place: one block of
 * random bytes, again and again. So the sink need not keep what it is sent, and a client that
 * verifies what it downloads finds it right.
 */
public final class Pattern {
  static final int BLOCK_BYTES = 4 << 20;
  private static final long SEED = 0x7461_6b68_696eL;
  private static final ByteBuffer BLOCK = block();

  private Pattern() {}

  /** The bytes from a position to the end of their block, at most so many; read only. */
  static ByteBuffer at(long positionBytes, long maxBytes) {
    int start = (int) (positionBytes % BLOCK_BYTES);
    return BLOCK.slice(start, (int) Math.min(maxBytes, BLOCK_BYTES - start));
  }

  /** The checksum of the first so many bytes. */
  public static Crc32c checksum(long sizeBytes) {
    Crc32c blocks = Crc32c.EMPTY;
    Crc32c power = Crc32c.of(at(0, BLOCK_BYTES)); // of 1, 2, 4 … blocks
    long powerBytes = BLOCK_BYTES;
    for (long rest = sizeBytes / BLOCK_BYTES; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        blocks = blocks.combine(power, powerBytes);
      }
      power = power.combine(power, powerBytes);
      powerBytes *= 2;
    }
    long tailBytes = sizeBytes % BLOCK_BYTES;
    return tailBytes == 0 ? blocks : blocks.combine(Crc32c.of(at(0, tailBytes)), tailBytes);
  }

  /** Makes a file of so many bytes. */
  public static void write(Path file, long sizeBytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long written = 0;
      while (written < sizeBytes) {
        written += channel.write(at(written, sizeBytes - written));
      }
      channel.force(true); // So that its way to the disk is not part of what is measured.
    }
  }

  private static ByteBuffer block() {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    SplittableRandom random = new SplittableRandom(SEED);
    while (block.hasRemaining()) {
      block.putLong(random.nextLong());
    }
    return block.flip().asReadOnlyBuffer();
  }
}
