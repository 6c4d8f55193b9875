package io.takhin.config;

/** What gives way when the disk fills because S3 does not take segments. */
public enum OutagePolicy {
  /** Writers, at the full mark. */
  HOLD,
  /** Writers, gradually from the high mark on. */
  BACKPRESSURE,
  /** The oldest data, at the full mark. */
  SHED
}
