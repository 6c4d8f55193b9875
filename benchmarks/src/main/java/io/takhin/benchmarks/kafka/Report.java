package io.takhin.benchmarks.kafka;

import io.takhin.benchmarks.kafka.Series.Work;
import io.takhin.benchmarks.transfer.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** All samples, as one table for people and as JSON for programs. Used by one thread. */
final class Report {
  private static final double LEAST_MEGABYTES_PER_SECOND = 60;
  private static final long TARGET_DELAY_MILLIS = 50;
  private static final String HEAD =
      """
      | work | partitions | delay | by | MB/s, median (range) | × whole objects | of the local read | CPU s/GB | requests/GB | bytes moved / of data | peak RSS MiB |
      |---|---|---|---|---|---|---|---|---|---|---|
      """;

  private final Map<Series, List<Sample>> all = new LinkedHashMap<>();

  void add(Series series, Sample sample) {
    all.computeIfAbsent(series, key -> new ArrayList<>()).add(sample);
  }

  /** Markdown, and a line for each target. */
  String text() {
    StringBuilder text = new StringBuilder(HEAD);
    StringBuilder verdicts = new StringBuilder();
    all.forEach(
        (series, samples) -> {
          Spread rate = spread(series, Sample::megabytesPerSecond);
          text.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %d | %s | %s | %s (%s–%s) | %s | %s | %.2f | %.0f | %.2f | %.0f |%n",
                  series.work().text,
                  series.partitions(),
                  series.delay(),
                  series.who(),
                  number(rate.median()),
                  number(rate.least()),
                  number(rate.most()),
                  ratio(series),
                  share(series),
                  median(series, Sample::cpuSecondsPerGb),
                  median(series, Sample::requestsPerGb),
                  median(series, Sample::movedPerByte),
                  spread(series, Sample::peakRssMiB).most()));
          if (isTarget(series)) {
            verdicts.append(
                String.format(
                    Locale.ROOT,
                    "%-6s  cold read, 1 partition, %s: %s MB/s, wanted ≥ %.0f%n",
                    rate.median() >= LEAST_MEGABYTES_PER_SECOND ? "met" : "MISSED",
                    series.delay(),
                    number(rate.median()),
                    LEAST_MEGABYTES_PER_SECOND));
          }
        });
    return text.append("\n").append(verdicts).toString();
  }

  private static boolean isTarget(Series series) {
    return series.equals(new Series(Work.COLD_READ, 1, TARGET_DELAY_MILLIS, Contender.TAKHIN));
  }

  /** Round by round, because the machine is not the same in all. */
  private String ratio(Series series) {
    List<Sample> mine = all.getOrDefault(series, List.of());
    List<Sample> plain = all.getOrDefault(series.of(Contender.WHOLE_OBJECTS), List.of());
    if (!series.who().equals(Contender.TAKHIN) || plain.isEmpty()) {
      return "";
    }
    double[] ratios = new double[Math.min(mine.size(), plain.size())];
    for (int round = 0; round < ratios.length; round++) {
      ratios[round] = mine.get(round).megabytesPerSecond() / plain.get(round).megabytesPerSecond();
    }
    return String.format(Locale.ROOT, "%.1f ×", Spread.of(ratios).median());
  }

  private String share(Series series) {
    Series local = new Series(Work.LOCAL_READ, series.partitions(), -1, Trial.LOCAL);
    if (series.work() != Work.COLD_READ || !all.containsKey(local)) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "%.0f %%",
        100
            * median(series, Sample::megabytesPerSecond)
            / median(local, Sample::megabytesPerSecond));
  }

  private double median(Series series, ToDoubleFunction<Sample> figure) {
    return spread(series, figure).median();
  }

  private Spread spread(Series series, ToDoubleFunction<Sample> figure) {
    return Spread.of(all.getOrDefault(series, List.of()).stream().mapToDouble(figure).toArray());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.1f", value);
  }

  String json() {
    StringBuilder json = new StringBuilder("[");
    all.forEach(
        (series, samples) ->
            samples.forEach(
                sample ->
                    json.append(json.length() == 1 ? "\n" : ",\n")
                        .append(
                            String.format(
                                Locale.ROOT,
                                "  {\"work\": \"%s\", \"partitions\": %d, \"delay_ms\": %d,"
                                    + " \"by\": \"%s\", \"mb_per_s\": %.3f, \"cpu_s_per_gb\": %.3f,"
                                    + " \"requests_per_gb\": %.2f, \"moved_per_byte\": %.4f,"
                                    + " \"peak_rss_mib\": %.1f}",
                                series.work().text,
                                series.partitions(),
                                series.delayMillis(),
                                series.who(),
                                sample.megabytesPerSecond(),
                                sample.cpuSecondsPerGb(),
                                sample.requestsPerGb(),
                                sample.movedPerByte(),
                                sample.peakRssMiB()))));
    return json.append("\n]\n").toString();
  }
}
