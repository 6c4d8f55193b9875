package io.takhin.tiered.store;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A CRC-32C (Castagnoli) over a whole object: the proof that a store holds what was read from disk.
 *
 * <p>CRC-32C, because S3 keeps it as a full-object checksum, the JDK computes it in hardware, and
 * the checksums of parts combine into that of the whole without a second read.
 */
public record Crc32c(int value) {
  private static final int REFLECTED_POLYNOMIAL = 0x82F63B78;
  private static final int BITS = 32;

  /** The checksum of no bytes. */
  public static final Crc32c EMPTY = new Crc32c(0);

  /** The checksum of the buffer's remaining bytes; the buffer's position does not move. */
  public static Crc32c of(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return new Crc32c((int) crc.getValue());
  }

  /**
   * The checksum of this object's bytes followed by another's.
   *
   * <p>Appending {@code n} bytes multiplies the first checksum by x<sup>8n</sup> modulo the
   * polynomial; the operator for that is squared once per bit of {@code n}, as zlib's {@code
   * crc32_combine} does, so the cost is O(log n).
   *
   * @param next checksum of the bytes that follow
   * @param nextLengthBytes how many bytes follow
   */
  public Crc32c combine(Crc32c next, long nextLengthBytes) {
    if (nextLengthBytes == 0) {
      return this;
    }
    int[] operator = new int[BITS];
    int[] squared = new int[BITS];
    operator[0] = REFLECTED_POLYNOMIAL; // shifts by one zero bit
    for (int bit = 1; bit < BITS; bit++) {
      operator[bit] = 1 << (bit - 1);
    }
    square(squared, operator); // two zero bits
    square(operator, squared); // four zero bits
    int crc = value;
    for (long remaining = nextLengthBytes; remaining != 0; remaining >>>= 1) {
      square(squared, operator);
      if ((remaining & 1) != 0) {
        crc = times(squared, crc);
      }
      int[] swap = operator;
      operator = squared;
      squared = swap;
    }
    return new Crc32c(crc ^ next.value);
  }

  /** The four bytes in network order as base64, as S3 writes it in headers. */
  public String base64() {
    return Base64.getEncoder()
        .encodeToString(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  /**
   * Reads what {@link #base64()} wrote.
   *
   * @throws IllegalArgumentException if the text is not four bytes in base64
   */
  public static Crc32c parseBase64(String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    if (bytes.length != Integer.BYTES) {
      throw new IllegalArgumentException("not a CRC-32C in base64: '" + text + "'");
    }
    return new Crc32c(ByteBuffer.wrap(bytes).getInt());
  }

  /** {@code crc32c:} and eight hexadecimal digits, for people. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "crc32c:%08x", value);
  }

  private static void square(int[] result, int[] matrix) {
    for (int bit = 0; bit < BITS; bit++) {
      result[bit] = times(matrix, matrix[bit]);
    }
  }

  private static int times(int[] matrix, int vector) {
    int sum = 0;
    for (int bit = 0, rest = vector; rest != 0; bit++, rest >>>= 1) {
      if ((rest & 1) != 0) {
        sum ^= matrix[bit];
      }
    }
    return sum;
  }
}
