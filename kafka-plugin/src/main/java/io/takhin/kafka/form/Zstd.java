package io.takhin.kafka.form;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.takhin.kafka.layout.LogForm;
import java.io.Closeable;

/**
 * zstd, from the broker's own class path: Kafka brings it for its producers' batches, and a second
 * copy would be 7 MB more and a second load of the same native code. Used by one thread at a time;
 * native memory until it is closed.
 */
public final class Zstd implements Closeable {
  /** Higher ones take much longer for little. */
  public static final int MAX_LEVEL = 12;

  /** Less than this is not worth the time of every read. */
  private static final double LEAST_SAVING = 0.05;

  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final byte[] compressed =
      new byte[(int) com.github.luben.zstd.Zstd.compressBound(LogForm.BLOCK_BYTES)];

  private long sampledBytes;
  private long shrunkBytes;

  public Zstd(int level) {
    context.setLevel(level).setChecksum(false);
  }

  /** Whether it is there, on this platform. */
  public static boolean isPresent() {
    try (Zstd zstd = new Zstd(1)) {
      return zstd.compress(new byte[1], 1) == 1;
    } catch (LinkageError e) {
      return false; // The caller says what is missing.
    }
  }

  /**
   * Compresses a block.
   *
   * @param bytes up to {@link LogForm#BLOCK_BYTES}
   * @return how many bytes of {@link #compressed} it takes, or {@code bytes} if it did not shrink
   */
  int compress(byte[] plain, int bytes) {
    int size = context.compressByteArray(compressed, 0, compressed.length, plain, 0, bytes);
    return Math.min(size, bytes);
  }

  /** Where the block is that was compressed last. */
  byte[] compressed() {
    return compressed;
  }

  /** Tries a block, for {@link #shrinks}. */
  public void sample(byte[] plain, int bytes) {
    sampledBytes += bytes;
    shrunkBytes += compress(plain, bytes);
  }

  /** Whether the samples shrank by so much that it is worth while. */
  public boolean shrinks() {
    return shrunkBytes < sampledBytes * (1 - LEAST_SAVING);
  }

  /**
   * Brings a block back.
   *
   * @return false if it is none of that size
   */
  static boolean decompress(
      ZstdDecompressCtx context, byte[] in, int inAt, int bytes, byte[] out, int plainBytes) {
    try {
      return context.decompressByteArray(out, 0, plainBytes, in, inAt, bytes) == plainBytes;
    } catch (ZstdException e) {
      return false; // The caller says of which block.
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
