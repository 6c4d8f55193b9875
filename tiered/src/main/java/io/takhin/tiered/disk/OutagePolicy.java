package io.takhin.tiered.disk;

/** What gives way when the disk fills because segments do not leave it. */
public enum OutagePolicy {
  /** Writers, at once: everything is kept, and appends are refused once the disk is full. */
  HOLD,
  /** Writers, gradually: they are slowed from the high mark on, and refused at the full one. */
  BACKPRESSURE,
  /** The oldest data: dropped at the full mark, with a durable record of what is missing. */
  SHED
}
