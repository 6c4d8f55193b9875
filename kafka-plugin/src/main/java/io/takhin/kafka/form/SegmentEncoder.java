package io.takhin.kafka.form;

import io.takhin.kafka.form.KeyRing.DataKey;
import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.LogForm;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.WrappedKey;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores one segment: the blocks of its log in order, and its indexes. Used by one thread; some 300
 * KiB of heap, and a few MB of native memory for compression, until it is closed.
 */
public final class SegmentEncoder implements AutoCloseable {
  private final LogForm form;
  private final @Nullable Zstd zstd;
  private final @Nullable SegmentCipher cipher;
  private final @Nullable WrappedKey key;
  private final byte[] sealed;
  private final ByteBuffer sizes;
  private int next;

  SegmentEncoder(RemoteSegmentId segment, LogForm form, int level, KeyRing keys) {
    this.form = form;
    this.sealed = new byte[form.isEncrypted() ? LogForm.BLOCK_BYTES + LogForm.TAG_BYTES : 0];
    this.sizes = ByteBuffer.allocate(form.isCompressed() ? form.blockCount() * Integer.BYTES : 0);
    if (form.isEncrypted()) {
      DataKey dataKey = keys.newKey(segment);
      this.key = dataKey.wrapped();
      this.cipher = new SegmentCipher(dataKey.key(), segment, form, key.masterKeyId());
    } else {
      this.key = null;
      this.cipher = null;
    }
    this.zstd = form.isCompressed() ? new Zstd(level) : null;
  }

  public LogForm form() {
    return form;
  }

  /**
   * The next block of the log, as it is to be stored.
   *
   * @param plain the block, from 0 on
   * @param bytes its size: {@link LogForm#plainBytesOf}
   * @return from position to limit; valid until the next call, and while {@code plain} is
   */
  public ByteBuffer encode(byte[] plain, int bytes) {
    int block = next++;
    if (block >= form.blockCount() || bytes != form.plainBytesOf(block)) {
      throw new IllegalArgumentException(
          "unexpected block: number=" + block + " bytes=" + bytes + " form=" + form);
    }
    byte[] stored = plain;
    int storedBytes = bytes;
    if (zstd != null) {
      storedBytes = zstd.compress(plain, bytes);
      stored = storedBytes < bytes ? zstd.compressed() : plain;
      sizes.putInt(storedBytes);
    }
    if (cipher == null) {
      return ByteBuffer.wrap(stored, 0, storedBytes);
    }
    return ByteBuffer.wrap(
        sealed, 0, cipher.seal(Part.block(block), stored, 0, storedBytes, sealed, 0));
  }

  /** The data key, for the index object; empty if nothing is encrypted. */
  public Optional<WrappedKey> key() {
    return Optional.ofNullable(key);
  }

  /** The sizes of all blocks as they are to be stored, once they are all encoded. */
  public byte[] blockSizes() {
    byte[] plain = new byte[sizes.position()];
    sizes.duplicate().flip().get(plain);
    return cipher == null || plain.length == 0 ? plain : cipher.seal(Part.BLOCK_SIZES, plain);
  }

  /**
   * An index as it is to be stored.
   *
   * @param plain all of it; may be the result
   */
  public byte[] encode(IndexKind kind, byte[] plain) {
    return cipher == null || plain.length == 0 ? plain : cipher.seal(Part.index(kind), plain);
  }

  @Override
  public void close() {
    if (zstd != null) {
      zstd.close();
    }
  }
}
