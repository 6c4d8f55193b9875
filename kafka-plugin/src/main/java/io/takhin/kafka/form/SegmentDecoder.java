package io.takhin.kafka.form;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.LogForm;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.WrappedKey;
import io.takhin.tiered.segment.ByteRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings back what {@link SegmentEncoder} has stored of one segment. Any thread; holds the data key
 * and 8 bytes for each block of a compressed log.
 */
public final class SegmentDecoder {
  private final RemoteSegmentId segment;
  private final LogForm form;
  private final @Nullable SegmentCipher cipher;

  /**
   * Where each block begins in what is stored, and where the last one ends; null if all are even.
   */
  private final long @Nullable [] starts;

  /**
   * @param indexes of the segment, which says how it is stored
   * @param key as it is in the index object, if it is encrypted
   * @param blockSizes as they are in the index object; empty if it is not compressed
   * @throws KeyUnusableException if the key's master key is not here
   * @throws DamagedFormException if the sizes are not those of the segment
   */
  public SegmentDecoder(
      RemoteSegmentId segment,
      RemoteIndexes indexes,
      KeyRing keys,
      Optional<WrappedKey> key,
      byte[] blockSizes)
      throws IOException {
    this.segment = segment;
    this.form = indexes.form();
    if (key.isPresent()) {
      this.cipher =
          new SegmentCipher(
              keys.unwrap(segment, key.get()), segment, form, key.get().masterKeyId());
    } else {
      this.cipher = null;
    }
    if (form.isCompressed()) {
      byte[] plain = cipher == null ? blockSizes : opened(Part.BLOCK_SIZES, blockSizes);
      this.starts = starts(indexes, ByteBuffer.wrap(plain));
    } else {
      this.starts = null;
    }
  }

  private long[] starts(RemoteIndexes indexes, ByteBuffer sizes) throws DamagedFormException {
    long[] found = new long[form.blockCount() + 1];
    for (int block = 0; block < form.blockCount(); block++) {
      int bytes = sizes.getInt();
      if (bytes < 1 || bytes > form.plainBytesOf(block)) {
        throw damaged(Part.BLOCK_SIZES, "block=" + block + " bytes=" + bytes);
      }
      found[block + 1] = found[block] + form.sealedBytes(bytes);
    }
    if (found[form.blockCount()] != indexes.logBytes()) {
      throw damaged(
          Part.BLOCK_SIZES,
          "expected_sum=" + indexes.logBytes() + " got=" + found[form.blockCount()]);
    }
    return found;
  }

  /** Bytes of the heap that this takes, more or less. */
  public int sizeBytes() {
    return 1024 + (starts == null ? 0 : starts.length * Long.BYTES);
  }

  private long startOf(int block) {
    return starts == null
        ? Math.min(
            (long) block * form.sealedBytes(LogForm.BLOCK_BYTES),
            form.plainBytes() + (long) form.blockCount() * form.sealedBytes(0))
        : starts[block];
  }

  /**
   * What has to be fetched for some bytes of the log.
   *
   * @param plain within the log, not empty
   */
  public ByteRange stored(ByteRange plain) {
    return new ByteRange(startOf(firstBlock(plain)), startOf(endBlock(plain)));
  }

  private static int firstBlock(ByteRange plain) {
    return (int) (plain.startBytes() / LogForm.BLOCK_BYTES);
  }

  private static int endBlock(ByteRange plain) {
    return (int) ((plain.endBytes() + LogForm.BLOCK_BYTES - 1) / LogForm.BLOCK_BYTES);
  }

  /**
   * The bytes of the log.
   *
   * @param plain as it was given to {@link #stored}
   * @param stored all bytes of that range
   * @throws DamagedFormException if they are not what was stored, or the key is another
   */
  public byte[] plain(ByteRange plain, byte[] stored) throws IOException {
    byte[] result = new byte[(int) plain.lengthBytes()];
    byte[] block = new byte[LogForm.BLOCK_BYTES];
    int first = firstBlock(plain);
    int end = endBlock(plain);
    long storedStart = startOf(first);
    try (Scratch scratch = new Scratch()) {
      for (int number = first; number < end; number++) {
        int at = (int) (startOf(number) - storedStart);
        int bytes = (int) (startOf(number + 1) - startOf(number));
        decode(number, stored, at, bytes, block, scratch);
        long blockStart = (long) number * LogForm.BLOCK_BYTES;
        int from = (int) Math.max(0, plain.startBytes() - blockStart);
        int to = (int) Math.min(form.plainBytesOf(number), plain.endBytes() - blockStart);
        System.arraycopy(
            block, from, result, (int) (blockStart + from - plain.startBytes()), to - from);
      }
    }
    return result;
  }

  private void decode(int number, byte[] stored, int at, int bytes, byte[] block, Scratch scratch)
      throws IOException {
    Part part = Part.block(number);
    byte[] in = stored;
    int inAt = at;
    int inBytes = bytes;
    if (cipher != null) {
      in = scratch.opened;
      inAt = 0;
      inBytes = cipher.open(part, stored, at, bytes, in, 0);
    }
    int plainBytes = form.plainBytesOf(number);
    if (inBytes == plainBytes) {
      System.arraycopy(in, inAt, block, 0, plainBytes);
    } else if (!form.isCompressed()
        || !Zstd.decompress(scratch.zstd(), in, inAt, inBytes, block, plainBytes)) {
      throw damaged(part, "bytes=" + inBytes + " expected_plain_bytes=" + plainBytes);
    }
  }

  /**
   * An index as it was.
   *
   * @param stored all of it
   */
  public byte[] index(IndexKind kind, byte[] stored) throws DamagedFormException {
    return cipher == null || stored.length == 0 ? stored : opened(Part.index(kind), stored);
  }

  private byte[] opened(Part part, byte[] stored) throws DamagedFormException {
    if (cipher == null || stored.length < LogForm.TAG_BYTES) {
      throw damaged(part, "bytes=" + stored.length);
    }
    return cipher.open(part, stored);
  }

  private DamagedFormException damaged(Part part, String problem) {
    return new DamagedFormException(
        "stored data cannot be brought back: segment="
            + segment
            + " part="
            + part
            + " form="
            + form
            + " "
            + problem,
        null);
  }

  /** What the blocks of one read are decoded with. */
  private static final class Scratch implements AutoCloseable {
    private final byte[] opened = new byte[LogForm.BLOCK_BYTES];
    private @Nullable ZstdDecompressCtx zstd;

    ZstdDecompressCtx zstd() {
      ZstdDecompressCtx context = zstd;
      if (context == null) {
        context = new ZstdDecompressCtx();
        zstd = context;
      }
      return context;
    }

    @Override
    public void close() {
      if (zstd != null) {
        zstd.close();
      }
    }
  }
}
