package io.takhin.config;

/** How a segment that only the bucket has is read. */
public enum ReadMode {
  /** Streams at first, and restores in the background what is read often or nearly whole. */
  AUTO,
  /** Fetches the asked bytes only. */
  STREAM,
  /** Brings the whole segment back first. */
  RESTORE
}
