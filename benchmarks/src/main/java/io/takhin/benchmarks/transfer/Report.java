package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Runner.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** All results, as one table for people and as JSON for programs. */
final class Report {
  private static final String HEAD =
      """
      | server | files | way | contender | MB/s, median (range) | of the limit | on disk MB/s, median (range) | of the limit | CPU s/GB | peak RSS MiB | |
      |---|---|---|---|---|---|---|---|---|---|---|
      """;

  private final List<Result> results = new ArrayList<>();

  void addAll(List<Result> more) {
    results.addAll(more);
  }

  /** Markdown, and a line for each target. */
  String text() {
    StringBuilder text = new StringBuilder(HEAD);
    for (Result result : results) {
      boolean down = result.direction() == Direction.DOWNLOAD;
      boolean ran = !result.samples().isEmpty();
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |%n",
              result.server(),
              result.data().name(),
              down ? "down" : "up",
              result.contender(),
              ran ? range(result.rate()) : "",
              ran ? ofLimit(result, Result::rate) : "",
              ran && down ? range(result.onDiskRate()) : "",
              ran && down ? ofLimit(result, Result::onDiskRate) : "",
              ran ? String.format(Locale.ROOT, "%.2f", result.cpu().median()) : "",
              ran ? String.format(Locale.ROOT, "%.0f", result.peakRssMiB()) : "",
              result.note().replace("|", "\\|")));
    }
    return text.append("\n").append(Targets.text(results)).toString();
  }

  String json() {
    StringBuilder json = new StringBuilder("[");
    for (Result result : results) {
      json.append(json.length() == 1 ? "\n" : ",\n")
          .append(
              String.format(
                  Locale.ROOT,
                  "  {\"server\": \"%s\", \"files\": %d, \"file_bytes\": %d, \"way\": \"%s\","
                      + " \"contender\": \"%s\", \"rounds\": %d, \"mb_per_second\": %s,"
                      + " \"on_disk_mb_per_second\": %s, \"cpu_seconds_per_gb\": %s,"
                      + " \"peak_rss_bytes\": %.0f, \"note\": \"%s\"}",
                  result.server(),
                  result.data().count(),
                  result.data().fileBytes(),
                  result.direction().name().toLowerCase(Locale.ROOT),
                  result.contender(),
                  result.samples().size(),
                  json(result.rate()),
                  json(result.onDiskRate()),
                  json(result.cpu()),
                  result.peakRssMiB() * 1048576,
                  escaped(result.note())));
    }
    return json.append("\n]\n").toString();
  }

  private String ofLimit(Result result, Function<Result, Spread> figure) {
    double share = Targets.ofLimit(results, result, figure);
    return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  private static String range(Spread rate) {
    return String.format(
        Locale.ROOT, "%,.0f (%,.0f–%,.0f)", rate.median(), rate.least(), rate.most());
  }

  private static String json(Spread spread) {
    return Double.isNaN(spread.median())
        ? "null"
        : String.format(
            Locale.ROOT,
            "{\"min\": %.3f, \"median\": %.3f, \"max\": %.3f}",
            spread.least(),
            spread.median(),
            spread.most());
  }

  private static String escaped(String text) {
    return text.replaceAll("\\p{Cntrl}", " ").replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
