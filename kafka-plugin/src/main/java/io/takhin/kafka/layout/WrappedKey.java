package io.takhin.kafka.layout;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The data key of one segment, encrypted with a master key. In the index object it takes {@link
 * #BYTES}, whatever its size, so that all positions are known before it is read:
 *
 * <pre>
 *    0    1  bytes of the master key's id, n
 *    1    n  the id, ASCII
 *  1+n    2  bytes of the encrypted key, m
 *  3+n    m  the encrypted key
 *            zeros
 * </pre>
 */
public final class WrappedKey {
  /** Enough for the longest id and for RSA with 7,168 bits. */
  public static final int BYTES = 1024;

  /** What can be an id. */
  public static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private static final int MAX_ENCRYPTED_BYTES = BYTES - 64 - 1 - Short.BYTES;

  private final String masterKeyId;
  private final byte[] encrypted;

  /**
   * @param masterKeyId which of the master keys
   * @param encrypted as the master key gave it; not copied
   * @throws IllegalArgumentException if one of them cannot be written
   */
  public WrappedKey(String masterKeyId, byte[] encrypted) {
    if (!KEY_ID.matcher(masterKeyId).matches()) {
      throw new IllegalArgumentException(
          "invalid id of a key: expected 1 to 64 characters of [A-Za-z0-9._-], got '"
              + masterKeyId.substring(0, Math.min(100, masterKeyId.length()))
              + "'");
    }
    if (encrypted.length == 0 || encrypted.length > MAX_ENCRYPTED_BYTES) {
      throw new IllegalArgumentException(
          "invalid encrypted key: expected 1 to "
              + MAX_ENCRYPTED_BYTES
              + " bytes, got "
              + encrypted.length);
    }
    this.masterKeyId = masterKeyId;
    this.encrypted = encrypted;
  }

  public String masterKeyId() {
    return masterKeyId;
  }

  /** Not a copy. */
  public byte[] encrypted() {
    return encrypted;
  }

  /** Writes {@link #BYTES} at the position, which moves behind them. */
  public void put(ByteBuffer object) {
    int end = object.position() + BYTES;
    object
        .put((byte) masterKeyId.length())
        .put(masterKeyId.getBytes(StandardCharsets.US_ASCII))
        .putShort((short) encrypted.length)
        .put(encrypted);
    while (object.position() < end) {
      object.put((byte) 0);
    }
  }

  /**
   * Reads what {@link #put} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static WrappedKey parse(byte[] bytes) {
    ByteBuffer own = ByteBuffer.wrap(bytes, 0, BYTES);
    byte[] id = new byte[Byte.toUnsignedInt(own.get())];
    own.get(id);
    byte[] encrypted = new byte[Math.min(Short.toUnsignedInt(own.getShort()), own.remaining())];
    own.get(encrypted);
    return new WrappedKey(new String(id, StandardCharsets.US_ASCII), encrypted);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WrappedKey key
        && key.masterKeyId.equals(masterKeyId)
        && Arrays.equals(key.encrypted, encrypted);
  }

  @Override
  public int hashCode() {
    return 31 * masterKeyId.hashCode() + Arrays.hashCode(encrypted);
  }

  /** The id only. */
  @Override
  public String toString() {
    return "WrappedKey[masterKeyId=" + masterKeyId + "]";
  }
}
