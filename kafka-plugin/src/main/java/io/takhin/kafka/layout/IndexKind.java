package io.takhin.kafka.layout;

/**
 * What a broker asks for beside the records, in the order in which {@link RemoteIndexes} has it.
 */
public enum IndexKind {
  /** Relative offset → position in the log. */
  OFFSET,
  /** Timestamp → relative offset. */
  TIME,
  /** Aborted transactions; no bytes where there are none. */
  TRANSACTION,
  /** Leader epochs up to the segment's end, as Kafka's checkpoint file has them. */
  LEADER_EPOCH,
  /** State of the producers at the segment's end. */
  PRODUCER_SNAPSHOT
}
