package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.transfer.Spread;
import java.util.Locale;

/**
 * A figure, and what it was to be.
 *
 * @param delayMillis before each answer of the store; negative where it does not matter
 * @param unit behind the numbers; may be empty
 */
record Finding(
    String part, String figure, long delayMillis, Spread value, String unit, Limit limit) {

  /** Which way a figure is limited. */
  enum Side {
    NONE,
    AT_MOST,
    AT_LEAST
  }

  /** The limit of a median; the bound means nothing if there is none. */
  record Limit(Side side, double bound) {
    static final Limit NONE = new Limit(Side.NONE, 0);

    static Limit atMost(double bound) {
      return new Limit(Side.AT_MOST, bound);
    }

    static Limit atLeast(double bound) {
      return new Limit(Side.AT_LEAST, bound);
    }
  }

  /** Whether the median is within the limit. */
  boolean isMet() {
    return switch (limit.side()) {
      case NONE -> true;
      case AT_MOST -> value.median() <= limit.bound();
      case AT_LEAST -> value.median() >= limit.bound();
    };
  }

  /** {@code met}, {@code MISSED}, or nothing where there is no target. */
  String verdict() {
    return limit.side() == Side.NONE ? "" : isMet() ? "met" : "MISSED";
  }

  String delay() {
    return delayMillis < 0 ? "" : "+" + delayMillis + " ms";
  }

  String median() {
    return number(value.median()) + suffix();
  }

  String range() {
    return number(value.least()) + "–" + number(value.most());
  }

  String wanted() {
    return switch (limit.side()) {
      case NONE -> "";
      case AT_MOST -> "≤ " + number(limit.bound()) + suffix();
      case AT_LEAST -> "≥ " + number(limit.bound()) + suffix();
    };
  }

  private String suffix() {
    return unit.isEmpty() ? "" : " " + unit;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.0f" : "%.3g", value);
  }
}
