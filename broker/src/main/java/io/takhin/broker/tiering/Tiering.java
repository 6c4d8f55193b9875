package io.takhin.broker.tiering;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * What the broker asks of the side that archives sealed segments and brings them back.
 *
 * <p>All methods are called from many threads at once, connection threads among them, so none but
 * {@link #topicDeleted} and {@link #close} may do slow work: hand it to another thread and return.
 * The broker never calls with a lock of a partition held.
 */
public interface Tiering extends AutoCloseable {
  /**
   * Offers a sealed segment, whose files are complete and on disk (fsync done) and will not change.
   * Every sealed segment of a partition is offered in offset order, once while the broker runs and
   * again after each start as long as it is local, so a repeated offer must be harmless. Segments
   * of compacted and internal topics are never offered.
   */
  void sealed(SealedSegment segment);

  /**
   * Says that the topic's local files are deleted and that its archived ones must go. The name
   * becomes free for a new topic only when this method has returned, so a durable note of what is
   * to be deleted has to exist by then. Called again at the next start when it throws or when the
   * broker dies first.
   *
   * @throws IOException when the deletion could not be noted; the topic stays in deletion
   */
  void topicDeleted(String topic) throws IOException;

  /**
   * Says that records below the offset are expired or deleted on request; archived segments that
   * end at or below it may be deleted. The offset is durable before this call and never decreases.
   */
  void logStartMoved(TopicPartition partition, long logStartOffset);

  /**
   * The archived segments of a partition in offset order, without overlap, from memory. The broker
   * searches them by time; those that are also local may be listed, and are then ignored.
   */
  List<ColdRange> coldSegments(TopicPartition partition);

  /**
   * The first offset of the partition at or behind the given one that is kept whatever is asked
   * for: the log must not start later. From memory.
   */
  OptionalLong firstHeldOffset(TopicPartition partition, long fromOffset);

  /** Why the topic cannot be deleted, for people; empty if it can. From memory. */
  Optional<String> whyKept(String topic);

  /**
   * Why no topic can be created by the name, for people: what is archived under it would be taken
   * for the new one's. Empty if one can. From memory.
   */
  Optional<String> whyNameTaken(String topic);

  /**
   * Opens the archived segment that contains the offset, whose bytes may still have to be brought
   * here when they are read. Readers that want the same bytes at the same time should share the
   * work. Whoever receives the segment closes it; the broker also closes one that arrives after it
   * has stopped waiting. A failure is told by the future, never thrown. Callbacks may run on the
   * completing thread and are short.
   */
  CompletableFuture<ColdSegment> open(TopicPartition partition, long offset);

  /**
   * Has what is fetched before a reader asks for it go at a pace from now on.
   *
   * @param pace is told how many bytes came, and returns when the next may be taken in; called by
   *     the threads that fetch
   */
  default void paceReadAhead(IntConsumer pace) {}

  /**
   * Asks whether records of so many bytes may be appended now, and counts them if they may. From
   * memory.
   */
  default WriteAdmission admit(long bytes) {
    return WriteAdmission.FREE;
  }

  /**
   * The first offset from the given one on whose records were not given up: the offset itself,
   * unless it lies in a gap. From memory.
   */
  default long firstNotLost(TopicPartition partition, long offset) {
    return offset;
  }

  /**
   * Says that a reader uses a local segment, sealed or not yet, until the lease is closed. The
   * broker does not depend on it: {@link LocalPartitions#freeLocal} refuses a segment in use. It is
   * the place to note an access, or to hold back an eviction.
   */
  LocalLease leaseLocal(TopicPartition partition, long baseOffset);

  /** Stops background work; called when no more requests run and before the logs are closed. */
  @Override
  void close() throws IOException;
}
