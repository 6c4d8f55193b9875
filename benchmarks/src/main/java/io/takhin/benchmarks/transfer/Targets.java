package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Runner.Direction;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What was to be reached, and whether it was. */
final class Targets {
  private static final double UPLOAD_SHARE = 0.8;
  private static final double UPLOAD_CPU = 0.6;
  private static final double DOWNLOAD_SHARE = 0.75;
  private static final double RSS_MIB = 400;

  private Targets() {}

  /**
   * The share that a result has of the machine's limit with the same files: that of one connection
   * on which the kernel sends, or of four that receive. Not a number where that was not measured.
   */
  static double ofLimit(List<Result> all, Result result, Function<Result, Spread> figure) {
    String limit = result.direction() == Direction.UPLOAD ? RawContender.ONE : RawContender.FOUR;
    return all.stream()
        .filter(raw -> raw.contender().equals(limit) && isSameTask(raw, result))
        .mapToDouble(raw -> figure.apply(result).median() / figure.apply(raw).median())
        .findFirst()
        .orElse(Double.NaN);
  }

  /** A line for each target and each result of ours that it is about. */
  static String text(List<Result> all) {
    StringBuilder text = new StringBuilder();
    for (Result own : all) {
      if (!own.contender().equals(OwnContender.NAME)) {
        continue;
      }
      if (own.samples().isEmpty() || own.note().startsWith("failed")) {
        text.append(line(own, own.note(), false));
      } else if (!own.note().isEmpty()) {
        String got = String.format(Locale.ROOT, "%.0f MiB at most", own.peakRssMiB());
        text.append(line(own, got + ", wanted " + (int) RSS_MIB, own.peakRssMiB() < RSS_MIB));
      } else if (own.server().equals(Target.SINK)) {
        toSink(all, own, text);
      } else {
        toServer(all, own, text);
      }
    }
    return text.toString();
  }

  private static void toSink(List<Result> all, Result own, StringBuilder text) {
    boolean up = own.direction() == Direction.UPLOAD;
    double wanted = up ? UPLOAD_SHARE : DOWNLOAD_SHARE;
    double share = ofLimit(all, own, Result::onDiskRate);
    text.append(
        line(
            own,
            String.format(
                Locale.ROOT, "%.0f %% of the limit, wanted %.0f %%", 100 * share, 100 * wanted),
            share >= wanted));
    if (up) {
      double cpu = own.cpu().median();
      text.append(
          line(
              own,
              String.format(Locale.ROOT, "%.2f CPU s/GB, wanted %.2f", cpu, UPLOAD_CPU),
              cpu <= UPLOAD_CPU));
    }
  }

  private static void toServer(List<Result> all, Result own, StringBuilder text) {
    double rate = own.onDiskRate().median();
    for (Result peer : all) {
      if (!peer.contender().equals(own.contender())
          && isSameServerAndTask(peer, own)
          && !peer.samples().isEmpty()) {
        double times = rate / peer.onDiskRate().median();
        text.append(
            line(
                own,
                String.format(Locale.ROOT, "%.2f times %s", times, peer.contender()),
                times > 1));
      }
    }
  }

  private static boolean isSameServerAndTask(Result one, Result other) {
    return one.server().equals(other.server()) && isSameTask(one, other);
  }

  private static boolean isSameTask(Result one, Result other) {
    return one.direction() == other.direction() && one.data().equals(other.data());
  }

  private static String line(Result own, String got, boolean met) {
    return String.format(
        Locale.ROOT,
        "%s  %s, %s, %s: %s%n",
        met ? "met   " : "MISSED",
        own.server(),
        own.data().name(),
        own.direction() == Direction.UPLOAD ? "up" : "down",
        got);
  }
}
