package io.takhin.tiered.segment;

import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * Both places in which this machine can have a segment: the log's own directory and the directory
 * of restored segments, which lies apart because a log would load whatever it finds in its own.
 *
 * @param own the log's files
 * @param restored what was brought back
 */
public record LocalCopies(LocalSegments own, DirectorySegments restored) {

  /**
   * The segment's files, wherever they are.
   *
   * @throws NoSuchFileException if there is no log file in either place
   */
  public SegmentFiles locate(SegmentId id) throws IOException {
    try {
      return own.locate(id);
    } catch (NoSuchFileException notOwn) {
      try {
        return restored.locate(id);
      } catch (NoSuchFileException notRestored) {
        notOwn.addSuppressed(notRestored);
        throw notOwn;
      }
    }
  }

  /** Whether this machine has the segment's log. */
  public boolean exists(SegmentId id) throws IOException {
    try {
      locate(id);
      return true;
    } catch (NoSuchFileException e) {
      return false; // That is the answer.
    }
  }

  /**
   * Deletes the segment's files in both places. The log's own go first, because only they can be
   * refused.
   *
   * @return false if the segment cannot go now; nothing was deleted then
   */
  public boolean free(SegmentId id) throws IOException {
    return own.free(id) && restored.free(id);
  }
}
