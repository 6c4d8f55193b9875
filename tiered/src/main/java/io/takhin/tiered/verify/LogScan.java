package io.takhin.tiered.verify;

import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * All that is learnt of a log in one pass over its bytes: checksums of the whole and of each chunk,
 * and whether its batches are sound and in order. Holds four bytes for each 128 KiB of log.
 *
 * <p>Written to by one thread at a time; {@link #end} and the results are for the thread that had
 * it written.
 */
final class LogScan implements WritableByteChannel {
  private static final int MAX_PROBLEMS = 8;

  private final long baseOffset;
  private final long endOffset;
  private final long logBytes;
  private final CRC32C whole = new CRC32C();
  private final CRC32C chunk = new CRC32C();
  private final int[] chunkChecksums;
  private final BatchParser parser;
  private final List<String> problems = new ArrayList<>();
  private final List<IndexCheck> checks;
  private final IndexBuilder rebuilt;

  private long positionBytes;
  private long lastOffset = -1;
  private long batchCount;
  private boolean hasOldBatches;
  private boolean hasMore;

  /**
   * @param baseOffset of the segment
   * @param endOffset offset after the segment's last
   * @param logBytes how many bytes will come
   * @param checks told of the batches
   */
  LogScan(long baseOffset, long endOffset, long logBytes, List<IndexCheck> checks) {
    this.baseOffset = baseOffset;
    this.endOffset = endOffset;
    this.logBytes = logBytes;
    this.checks = List.copyOf(checks);
    this.rebuilt = new IndexBuilder(baseOffset);
    this.chunkChecksums = new int[ReadIndex.chunkCount(logBytes)];
    this.parser = new BatchParser(logBytes, this::batch, this::problem);
  }

  @Override
  public int write(ByteBuffer bytes) {
    int length = bytes.remaining();
    if (length > logBytes - positionBytes) {
      hasMore = true;
      bytes.limit(bytes.position() + (int) (logBytes - positionBytes));
    }
    whole.update(bytes.duplicate());
    updateChunks(bytes.duplicate());
    parser.accept(bytes.duplicate());
    bytes.position(bytes.limit());
    return length;
  }

  private void updateChunks(ByteBuffer bytes) {
    int end = bytes.limit();
    while (bytes.position() < end) {
      long inChunk = positionBytes % ReadIndex.CHUNK_BYTES;
      int length = (int) Math.min(end - bytes.position(), ReadIndex.CHUNK_BYTES - inChunk);
      bytes.limit(bytes.position() + length);
      chunk.update(bytes);
      bytes.limit(end);
      positionBytes += length;
      if (positionBytes % ReadIndex.CHUNK_BYTES == 0 || positionBytes == logBytes) {
        chunkChecksums[(int) ((positionBytes - 1) / ReadIndex.CHUNK_BYTES)] =
            (int) chunk.getValue();
        chunk.reset();
      }
    }
  }

  private void batch(Batch batch) {
    batchCount++;
    hasOldBatches |= batch.isOld();
    if (batch.baseOffset() < baseOffset || batch.lastOffset() >= endOffset) {
      problem(
          "offsets: position="
              + batch.positionBytes()
              + " expected within ["
              + baseOffset
              + ", "
              + endOffset
              + "), got "
              + batch.baseOffset()
              + " to "
              + batch.lastOffset());
    } else if (batch.baseOffset() <= lastOffset || batch.lastOffset() < batch.baseOffset()) {
      problem(
          "order: position="
              + batch.positionBytes()
              + " expected offsets above "
              + lastOffset
              + ", got "
              + batch.baseOffset()
              + " to "
              + batch.lastOffset());
    }
    lastOffset = Math.max(lastOffset, batch.lastOffset());
    checks.forEach(check -> check.accept(batch));
    if (problems.isEmpty()) {
      rebuilt.accept(batch);
    }
  }

  private void problem(String problem) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(problem);
    }
  }

  /** The last byte was written. */
  void end() {
    parser.end();
    checks.forEach(IndexCheck::end);
    rebuilt.end();
  }

  /** Whether as many bytes came as were announced, and no more. */
  boolean isComplete() {
    return positionBytes == logBytes && !hasMore;
  }

  Crc32c checksum() {
    return new Crc32c((int) whole.getValue());
  }

  /** CRC-32C of a chunk, by its number from 0. */
  int chunkChecksum(int index) {
    return chunkChecksums[index];
  }

  /** The first things that are wrong with the batches; empty if nothing is. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  boolean hasOldBatches() {
    return hasOldBatches;
  }

  long batchCount() {
    return batchCount;
  }

  /** Both indexes made anew; of use only if there are no problems and no old batches. */
  IndexBuilder rebuilt() {
    return rebuilt;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
