package io.takhin.tiered.segment;

import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * The log's own files on this machine, as the embedding broker keeps them. Only sealed segments are
 * asked for. Called from several threads, for different segments at the same time.
 */
public interface LocalSegments {

  /**
   * Where the segment's files are.
   *
   * @throws NoSuchFileException if the segment has no log file here
   */
  SegmentFiles locate(SegmentId id) throws IOException;

  /**
   * Deletes the segment's files for good: when this returns true they stay deleted after a power
   * failure. Files that are gone already count as deleted, so a call may be repeated.
   *
   * <p>The log file goes first. After a crash halfway, {@link #locate} then says that the segment
   * is not here, and never offers a log without its indexes.
   *
   * @return false if the segment cannot go now, for example because an older one has to go first;
   *     nothing was deleted then
   */
  boolean free(SegmentId id) throws IOException;

  /**
   * Says that the records in {@code [fromOffset, toOffset)} are given up, so that a log that begins
   * there may begin behind them. Told again and again for as long as it is so; has to be cheap.
   */
  default void lost(PartitionId partition, long fromOffset, long toOffset) throws IOException {}
}
