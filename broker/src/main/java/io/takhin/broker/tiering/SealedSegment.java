package io.takhin.broker.tiering;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * A segment that will not change any more. Offsets are the half-open range {@code [baseOffset,
 * endOffset)}.
 *
 * @param files the files that exist, all in the partition's directory: {@code .log} first, then
 *     {@code .index} and {@code .timeindex}, then {@code .txnindex} and {@code .snapshot} when
 *     there are any
 * @param sizeBytes the size of the {@code .log} file
 * @param lastModified the last write to the {@code .log} file
 * @param maxTimestampMillis the largest record timestamp, or -1 when the segment has none
 */
public record SealedSegment(
    TopicPartition partition,
    long baseOffset,
    long endOffset,
    List<Path> files,
    long sizeBytes,
    Instant lastModified,
    long maxTimestampMillis) {
  public SealedSegment {
    if (baseOffset < 0 || endOffset <= baseOffset) {
      throw new IllegalArgumentException(
          "not a range of offsets: baseOffset=" + baseOffset + " endOffset=" + endOffset);
    }
    files = List.copyOf(files);
  }
}
