package io.takhin.broker.tiering;

import java.io.IOException;
import org.apache.kafka.common.TopicPartition;

/** What the archiving side may ask of the broker. Any thread may call, at any time. */
public interface LocalPartitions {
  /**
   * Frees the local files of one sealed segment. Readers are sent to {@link Tiering#open} for its
   * offsets from then on, so it has to be able to serve them before this is called. The files are
   * renamed at once and gone from the directory about a second later.
   *
   * <p>Only a prefix of a log can be freed, so segments are freed oldest first.
   *
   * @return true when the segment was the oldest local one and is freed, or was not local before;
   *     false when an older one is still local, when a reader uses it, when it was not offered yet,
   *     or when the broker does not know the partition: ask again later
   * @throws IOException when the files could not be renamed; they stay readable
   */
  boolean freeLocal(TopicPartition partition, long baseOffset) throws IOException;

  /**
   * Moves the start of a log up, as retention does: records below the offset are gone for readers.
   *
   * @throws IOException when the new start could not be made durable; it then has not moved
   */
  void advanceLogStart(TopicPartition partition, long logStartOffset) throws IOException;

  /**
   * Moves the start of a log that begins among records that were given up behind them; a log that
   * begins elsewhere, or still has them, stays as it is. Half-open; cheap when there is nothing to
   * do.
   *
   * @throws IOException when the new start could not be made durable; it then has not moved
   */
  void lost(TopicPartition partition, long fromOffset, long toOffset) throws IOException;
}
