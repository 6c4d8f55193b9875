package io.takhin.benchmarks.metadata;

import java.util.Arrays;

/**
 * One measurement: the fastest tenth, the median and the slowest tenth of its windows. On a machine
 * of one's own they are close; on a shared one, the fastest tenth is what the code takes and the
 * rest is what the scheduler gave to others.
 */
record Row(String name, String unit, double fast, double median, double slow) {
  static Row once(String name, String unit, double value) {
    return new Row(name, unit, value, value, value);
  }

  static Row of(String name, String unit, double[] windows) {
    double[] sorted = windows.clone();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    return new Row(name, unit, sorted[last / 10], sorted[last / 2], sorted[last - last / 10]);
  }
}
