package io.takhin.tiered.read;

/** How a segment that only the bucket has is read. */
public enum ReadMode {
  /** Streams at first, and restores in the background what is read often or nearly whole. */
  AUTO,
  /** Fetches the asked bytes and never restores a segment by itself. */
  STREAM,
  /** Brings the whole segment back before its first byte is served. */
  RESTORE
}
