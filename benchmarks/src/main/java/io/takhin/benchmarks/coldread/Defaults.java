package io.takhin.benchmarks.coldread;

/** What the archiver's options are where a part does not say otherwise. */
final class Defaults {
  static final long READ_AHEAD_BYTES = 128L << 20;
  static final long FAR_MILLIS = 30;
  static final int READ_BYTES = 1 << 20;

  private Defaults() {}
}
