package io.takhin.kafka.layout;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What Kafka keeps for us with each segment, as custom metadata: where its objects lie and what
 * they have to be, so that reading one needs no request first. Kafka allows 128 bytes by default.
 *
 * <p>Numbers are big-endian:
 *
 * <pre>
 *    0  1  version, 1
 *    1  1  flags, how the log is stored: 1 compressed with zstd, 2 encrypted with AES-256-GCM; an
 *          unknown one says that the objects cannot be read as described here
 *    2  8  bytes of the log, as stored
 *   10  4  CRC-32C of the log, as stored
 *   14  4  CRC-32C of the index object
 *   18  4  bytes of the offset index
 *   22  4  bytes of the time index
 *   26  4  bytes of the transaction index; 0 where no transaction was aborted
 *   30  4  bytes of the leader epochs
 *   34  4  bytes of the producer snapshot
 *   38  1  bytes of the prefix, n, at most 80
 *   39  n  prefix of the keys, ASCII: segments stay readable when another one is configured
 *       4  bytes of the log before it was stored, only with flags; unsigned
 *       4  CRC-32C of all bytes before
 * </pre>
 *
 * @param prefix that the segment's keys were made with; may be empty
 * @param indexes parts of the index object, and the log's size and checksum
 * @param indexesChecksum over the whole index object
 */
public record SegmentLayout(String prefix, RemoteIndexes indexes, Crc32c indexesChecksum) {
  /**
   * What Kafka allows unless told otherwise, {@code remote.log.metadata.custom.metadata.max.bytes}.
   */
  public static final int MAX_BYTES = 128;

  public static final int MAX_PREFIX_BYTES = 80;

  private static final byte VERSION = 1;
  private static final int FIXED_BYTES = 39;
  private static final int MIN_BYTES = FIXED_BYTES + Integer.BYTES;
  private static final int LARGEST_BYTES = MIN_BYTES + MAX_PREFIX_BYTES + Integer.BYTES;

  /**
   * @throws IllegalArgumentException if the prefix cannot be one
   */
  public SegmentLayout {
    Objects.requireNonNull(indexes, "indexes");
    Objects.requireNonNull(indexesChecksum, "indexesChecksum");
    requirePrefix(prefix);
  }

  /**
   * What can be a prefix here: elements as {@link ObjectKey} has them, and short enough.
   *
   * @throws IllegalArgumentException if it cannot
   */
  public static void requirePrefix(String prefix) {
    if (prefix.length() > MAX_PREFIX_BYTES) {
      throw new IllegalArgumentException(
          "invalid key prefix: expected at most "
              + MAX_PREFIX_BYTES
              + " characters, got "
              + prefix.length());
    }
    if (!prefix.isEmpty() && !ObjectKey.isValid(prefix)) {
      throw new IllegalArgumentException(
          "invalid key prefix: expected elements of [a-zA-Z0-9!_.*'()=-] separated by '/', got '"
              + prefix
              + "'");
    }
  }

  /** At most {@link #MAX_BYTES}. */
  public byte[] toBytes() {
    byte[] prefixBytes = prefix.getBytes(StandardCharsets.US_ASCII);
    LogForm form = indexes.form();
    ByteBuffer bytes =
        ByteBuffer.allocate(MIN_BYTES + prefixBytes.length + (form.isPlain() ? 0 : Integer.BYTES));
    bytes
        .put(VERSION)
        .put((byte) form.flags())
        .putLong(indexes.logBytes())
        .putInt(indexes.logChecksum().value())
        .putInt(indexesChecksum.value());
    for (IndexKind kind : IndexKind.values()) {
      bytes.putInt(indexes.sizes().of(kind));
    }
    bytes.put((byte) prefixBytes.length).put(prefixBytes);
    if (!form.isPlain()) {
      bytes.putInt((int) form.plainBytes());
    }
    bytes.putInt(Crc32c.of(bytes.duplicate().flip()).value());
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if it is something else, damaged, or of another version
   */
  public static SegmentLayout parse(byte[] value) {
    if (value.length < MIN_BYTES || value.length > LARGEST_BYTES) {
      throw invalid("size", MIN_BYTES + " to " + LARGEST_BYTES, value.length);
    }
    ByteBuffer bytes = ByteBuffer.wrap(value);
    require("version", VERSION, bytes.get());
    int body = value.length - Integer.BYTES;
    require("checksum", Crc32c.of(bytes.slice(0, body)).value(), bytes.getInt(body));
    int flags = Byte.toUnsignedInt(bytes.get());
    if (flags > LogForm.MAX_FLAGS) {
      throw invalid("flags", "0 to " + LogForm.MAX_FLAGS, flags);
    }
    long logBytes = bytes.getLong();
    Crc32c logChecksum = new Crc32c(bytes.getInt());
    Crc32c indexesChecksum = new Crc32c(bytes.getInt());
    IndexSizes sizes = IndexSizes.of(kind -> bytes.getInt());
    byte[] prefix = new byte[value.length - MIN_BYTES - (flags == 0 ? 0 : Integer.BYTES)];
    require("bytes of the prefix", prefix.length, bytes.get());
    bytes.get(prefix);
    LogForm form =
        LogForm.of(flags, flags == 0 ? logBytes : Integer.toUnsignedLong(bytes.getInt()));
    return new SegmentLayout(
        new String(prefix, StandardCharsets.US_ASCII),
        new RemoteIndexes(logBytes, logChecksum, sizes, form),
        indexesChecksum);
  }

  private static void require(String what, int expected, int got) {
    if (expected != got) {
      throw invalid(what, Integer.toString(expected), got);
    }
  }

  private static IllegalArgumentException invalid(String what, String expected, int got) {
    return new IllegalArgumentException(
        "invalid custom metadata, was it written by another plugin? "
            + what
            + ": expected "
            + expected
            + ", got "
            + got);
  }
}
