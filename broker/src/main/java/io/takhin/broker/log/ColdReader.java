package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdBytes;
import io.takhin.broker.tiering.ColdSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.record.internal.FileRecords.TimestampAndOffset;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Reads archived segments where they lie. They are never put back into the log: {@code UnifiedLog}
 * reads straight across a hole in its list of segments, and would skip the records between an
 * archived segment and the local ones in silence.
 *
 * <p>The index tells where to begin, the headers of the batches from there on which one it is. No
 * method blocks; the futures fail with {@link IOException}s.
 */
public final class ColdReader {
  /** What the index leaves to be gone through, as Kafka writes it by default, and a small batch. */
  private static final int BEFORE_THE_OFFSET_BYTES = 16 << 10;

  /** Enough for an answer; the rest of what was asked for is on its way then. */
  private static final int WORTH_SENDING_BYTES = 256 << 10;

  /** How much is asked for at a time while a record is searched by its time. */
  private static final int SEARCH_BYTES = 128 << 10;

  /** Larger than any batch that the log takes. */
  private static final int MAX_BATCH_BYTES = 1 << 30;

  private ColdReader() {}

  /**
   * The batches from the one that contains the offset on, or from the first after it.
   *
   * @param segment closed here, whatever happens
   * @param maxBytes how much is worth reading; at least one batch comes
   */
  public static CompletableFuture<ColdRead> read(ColdSegment segment, long offset, int maxBytes) {
    int wanted = Math.max(1, maxBytes);
    return closing(
        segment,
        segment
            .positionOf(offset)
            .thenCompose(
                position ->
                    batchesFrom(
                        segment,
                        position,
                        Math.min(WORTH_SENDING_BYTES, wanted),
                        (int) Math.min(Integer.MAX_VALUE, (long) wanted + BEFORE_THE_OFFSET_BYTES),
                        header -> header.lastOffset() >= offset))
            .thenCompose(
                found ->
                    found
                        .map(CompletableFuture::completedFuture)
                        .orElseGet(() -> CompletableFuture.failedFuture(none(segment, offset)))));
  }

  private static IOException none(ColdSegment segment, long offset) {
    return new IOException(
        "archived segment from offset "
            + segment.baseOffset()
            + " has no records from offset "
            + offset
            + " on; expected offsets up to "
            + segment.endOffset());
  }

  /** The segment is needed until its last read has come. */
  private static <T> CompletableFuture<T> closing(
      ColdSegment segment, CompletableFuture<T> outcome) {
    return outcome.whenComplete((done, failure) -> segment.close());
  }

  /** Which batch is looked for. */
  @FunctionalInterface
  private interface Wanted {
    boolean isIt(BatchHeader header);
  }

  /** Where the search stands after the bytes that came. */
  private sealed interface Step {
    record Found(ColdRead read) implements Step {}

    /** The batch that begins there has to come as a whole. */
    record Larger(long positionBytes, int sizeBytes) implements Step {}

    record GoOn(long positionBytes) implements Step {}
  }

  /** Empty when the log ends before. */
  private static CompletableFuture<Optional<ColdRead>> batchesFrom(
      ColdSegment segment, long position, int minBytes, int maxBytes, Wanted wanted) {
    if (position >= segment.sizeBytes()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    int min = Math.max(minBytes, BatchHeader.BYTES);
    return segment
        .read(position, min, Math.max(min, maxBytes))
        .thenCompose(
            bytes -> {
              Step step;
              try {
                step = search(bytes, position, wanted);
              } catch (IOException | RuntimeException e) {
                bytes.close();
                return CompletableFuture.failedFuture(e);
              }
              if (step instanceof Step.Found found) {
                return CompletableFuture.completedFuture(Optional.of(found.read()));
              }
              bytes.close();
              if (step instanceof Step.Larger larger) {
                int size = larger.sizeBytes();
                return batchesFrom(
                    segment, larger.positionBytes(), size, Math.max(size, maxBytes), wanted);
              }
              long next = ((Step.GoOn) step).positionBytes();
              return batchesFrom(segment, next, minBytes, maxBytes, wanted);
            });
  }

  private static Step search(ColdBytes bytes, long position, Wanted wanted) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BatchHeader.BYTES);
    int at = 0;
    while (at + BatchHeader.BYTES <= bytes.lengthBytes()) {
      BatchHeader header = BatchHeader.read(bytes, at, buffer);
      if (header.sizeBytes() > MAX_BATCH_BYTES) {
        throw new IOException("batch too large at position " + (position + at) + ": " + header);
      }
      if (wanted.isIt(header)) {
        boolean isWhole = header.sizeBytes() <= bytes.lengthBytes() - at;
        return isWhole
            ? new Step.Found(new ColdRead(bytes, at, header.sizeBytes()))
            : new Step.Larger(position + at, header.sizeBytes());
      }
      at = Math.addExact(at, header.sizeBytes());
    }
    if (at == 0) {
      throw new IOException("log ends within the header of a batch at position " + position);
    }
    return new Step.GoOn(position + at);
  }

  /**
   * The first record at or after both the time and the offset.
   *
   * @param segment closed here, whatever happens
   */
  public static CompletableFuture<Optional<TimestampAndOffset>> findByTime(
      ColdSegment segment, long timestampMillis, long fromOffset) {
    return closing(
        segment,
        segment
            .offsetOf(timestampMillis)
            .thenCompose(indexed -> segment.positionOf(Math.max(indexed, fromOffset)))
            .thenCompose(position -> findRecord(segment, position, timestampMillis, fromOffset)));
  }

  private static CompletableFuture<Optional<TimestampAndOffset>> findRecord(
      ColdSegment segment, long position, long timestampMillis, long fromOffset) {
    Wanted wanted =
        header ->
            header.maxTimestampMillis() >= timestampMillis && header.lastOffset() >= fromOffset;
    return batchesFrom(segment, position, 1, SEARCH_BYTES, wanted)
        .thenCompose(
            found -> {
              if (found.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
              }
              try (ColdRead read = found.get()) {
                MemoryRecords batch = firstBatch(read);
                Optional<TimestampAndOffset> record =
                    firstRecord(batch, timestampMillis, fromOffset);
                if (record.isPresent()) {
                  return CompletableFuture.completedFuture(record);
                }
                long next = batch.batches().iterator().next().nextOffset();
                return segment
                    .positionOf(next)
                    .thenCompose(after -> findRecord(segment, after, timestampMillis, next));
              } catch (IOException | RuntimeException e) {
                return CompletableFuture.failedFuture(e);
              }
            });
  }

  private static MemoryRecords firstBatch(ColdRead read) throws IOException {
    ByteBuffer batch = ByteBuffer.allocate(read.firstBatchBytes());
    read.bytes().readFully(read.start(), batch);
    return MemoryRecords.readableRecords(batch.flip());
  }

  private static Optional<TimestampAndOffset> firstRecord(
      MemoryRecords records, long timestampMillis, long fromOffset) {
    for (RecordBatch batch : records.batches()) {
      for (Record record : batch) {
        if (record.timestamp() >= timestampMillis && record.offset() >= fromOffset) {
          return Optional.of(
              new TimestampAndOffset(
                  record.timestamp(), record.offset(), Optional.of(batch.partitionLeaderEpoch())));
        }
      }
    }
    return Optional.empty();
  }
}
