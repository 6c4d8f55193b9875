package io.takhin.tiered.verify;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Takes a log apart as its bytes stream by, without holding more than one batch's header.
 *
 * <p>A log is a chain of batches. Kafka's documentation of the message format gives this layout for
 * version 2, numbers big-endian:
 *
 * <pre>
 *    0  8  base offset
 *    8  4  length of what follows this field
 *   12  4  partition leader epoch
 *   16  1  magic, 2
 *   17  4  CRC-32C of all from the next field on
 *   21  2  attributes
 *   23  4  last offset, relative to the base offset
 *   27  8  first timestamp
 *   35  8  largest timestamp
 *   43  8  producer id, 2 producer epoch, 4 first sequence
 *   57  4  number of records
 *   61     records
 * </pre>
 *
 * Versions 0 and 1 have the same first two fields and the magic at the same place; they are passed
 * over by their length, and nothing else of them is checked.
 *
 * <p>Used by one thread at a time.
 */
final class BatchParser {
  static final int HEADER_BYTES = 61;
  static final int LENGTH_ENDS_AT = 12;

  private static final int MAGIC_AT = 16;
  private static final int PREFIX_BYTES = MAGIC_AT + 1;
  private static final int CHECKSUM_AT = 17;
  private static final int CHECKSUM_FROM = 21;
  private static final int LAST_DELTA_AT = 23;
  private static final int MAX_TIMESTAMP_AT = 35;
  private static final int COUNT_AT = 57;
  private static final int CURRENT_MAGIC = 2;

  /** Checksum, magic, attributes, and the lengths of an empty key and value. */
  private static final int LEAST_OLD_LENGTH = 14;

  private final long logBytes;
  private final Consumer<Batch> batches;
  private final Consumer<String> problems;
  private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);

  private long positionBytes;
  private long bodyBytesLeft;
  private boolean isBroken;
  private @Nullable Batch current;
  private @Nullable CRC32C checksum;

  /**
   * @param logBytes how long the log is; no batch reaches further
   * @param batches told of each batch once its last byte was seen, and its checksum agreed
   * @param problems told of what is wrong, and where
   */
  BatchParser(long logBytes, Consumer<Batch> batches, Consumer<String> problems) {
    this.logBytes = logBytes;
    this.batches = batches;
    this.problems = problems;
    this.header.limit(PREFIX_BYTES);
  }

  /** Takes the log's next bytes, from the buffer's position to its limit. */
  void accept(ByteBuffer bytes) {
    while (bytes.hasRemaining() && !isBroken) {
      if (current == null) {
        int length = Math.min(bytes.remaining(), header.remaining());
        header.put(bytes.slice(bytes.position(), length));
        bytes.position(bytes.position() + length);
        if (!header.hasRemaining()) {
          headerIsFull();
        }
      } else {
        int length = (int) Math.min(bytes.remaining(), bodyBytesLeft);
        if (checksum != null) {
          checksum.update(bytes.slice(bytes.position(), length));
        }
        bytes.position(bytes.position() + length);
        bodyBytesLeft -= length;
        endIfComplete();
      }
    }
  }

  /** The log has ended. */
  void end() {
    if (!isBroken && (current != null || header.position() > 0)) {
      broken("the log ends within a batch");
    }
  }

  /** Whether the chain could not be followed to its end. */
  boolean isBroken() {
    return isBroken;
  }

  private void headerIsFull() {
    long lengthBytes = header.getInt(Long.BYTES);
    int magic = header.get(MAGIC_AT);
    boolean isCurrent = magic == CURRENT_MAGIC;
    if (magic < 0 || magic > CURRENT_MAGIC) {
      broken("magic: expected 0 to 2, got " + magic);
    } else if (lengthBytes < (isCurrent ? HEADER_BYTES - LENGTH_ENDS_AT : LEAST_OLD_LENGTH)
        || positionBytes + LENGTH_ENDS_AT + lengthBytes > logBytes) {
      broken("length: got " + lengthBytes + " of " + (logBytes - positionBytes) + " bytes left");
    } else if (isCurrent && header.limit() < HEADER_BYTES) {
      header.limit(HEADER_BYTES);
    } else {
      begin(LENGTH_ENDS_AT + lengthBytes, isCurrent);
    }
  }

  private void begin(long sizeBytes, boolean isCurrent) {
    long baseOffset = header.getLong(0);
    if (isCurrent) {
      CRC32C computed = new CRC32C();
      computed.update(header.slice(CHECKSUM_FROM, HEADER_BYTES - CHECKSUM_FROM));
      checksum = computed;
      long lastOffset = baseOffset + header.getInt(LAST_DELTA_AT);
      current =
          new Batch(
              positionBytes,
              sizeBytes,
              baseOffset,
              lastOffset,
              header.getLong(MAX_TIMESTAMP_AT),
              false,
              header.getInt(COUNT_AT) == 0);
    } else {
      checksum = null;
      current = new Batch(positionBytes, sizeBytes, baseOffset, baseOffset, -1, true, false);
    }
    bodyBytesLeft = sizeBytes - header.position();
    endIfComplete();
  }

  private void endIfComplete() {
    Batch complete = current;
    if (complete == null || bodyBytesLeft > 0) {
      return;
    }
    boolean agrees = true;
    if (checksum != null) {
      int stored = header.getInt(CHECKSUM_AT);
      agrees = stored == (int) checksum.getValue();
      if (!agrees) {
        problems.accept(
            "batch checksum: position="
                + positionBytes
                + " base_offset="
                + complete.baseOffset()
                + " expected="
                + Integer.toHexString(stored)
                + " got="
                + Long.toHexString(checksum.getValue()));
      }
    }
    positionBytes = complete.endBytes();
    current = null;
    header.clear().limit(PREFIX_BYTES);
    if (agrees) {
      batches.accept(complete);
    }
  }

  private void broken(String problem) {
    isBroken = true;
    problems.accept("position=" + positionBytes + " " + problem);
  }
}
