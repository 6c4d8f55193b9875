package io.takhin.benchmarks.kafka;

/**
 * Samples that are alike, a line of the table.
 *
 * @param partitions over which the data is spread
 * @param delayMillis of each request; negative where there are none
 * @param who a plugin's name, or what it is compared with
 */
record Series(Work work, int partitions, long delayMillis, String who) {

  /** What the node was made to do. */
  enum Work {
    LOCAL_READ("local read"),
    COPY("copy"),
    COLD_READ("cold read");

    final String text;

    Work(String text) {
      this.text = text;
    }
  }

  String delay() {
    return delayMillis < 0 ? "" : "+" + delayMillis + " ms";
  }

  Series of(String other) {
    return new Series(work, partitions, delayMillis, other);
  }
}
