package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All figures, as one table for people and as JSON for programs. */
final class Findings {
  private static final String HEAD =
      """
      | part | figure | delay | median | range | target | |
      |---|---|---|---|---|---|---|
      """;

  private final List<Finding> all = new ArrayList<>();

  void addAll(List<Finding> more) {
    all.addAll(more);
  }

  /** Markdown, and a line for each target. */
  String text() {
    StringBuilder text = new StringBuilder(HEAD);
    StringBuilder verdicts = new StringBuilder();
    for (Finding one : all) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s | %s |%n",
              one.part(),
              one.figure(),
              one.delay(),
              one.median(),
              one.range(),
              one.wanted(),
              one.verdict()));
      if (one.limit().side() != Side.NONE) {
        verdicts.append(
            String.format(
                Locale.ROOT,
                "%-6s  %s, %s%s: %s, wanted %s%n",
                one.verdict(),
                one.part(),
                one.figure(),
                one.delayMillis() < 0 ? "" : ", " + one.delay(),
                one.median(),
                one.wanted()));
      }
    }
    return text.append("\n").append(verdicts).toString();
  }

  String json() {
    StringBuilder json = new StringBuilder("[");
    for (Finding one : all) {
      json.append(json.length() == 1 ? "\n" : ",\n")
          .append(
              String.format(
                  Locale.ROOT,
                  "  {\"part\": \"%s\", \"figure\": \"%s\", \"delay_ms\": %d, \"unit\": \"%s\","
                      + " \"min\": %.4f, \"median\": %.4f, \"max\": %.4f, \"target\": \"%s\","
                      + " \"met\": %s}",
                  one.part(),
                  one.figure(),
                  one.delayMillis(),
                  one.unit(),
                  one.value().least(),
                  one.value().median(),
                  one.value().most(),
                  one.wanted(),
                  one.isMet()));
    }
    return json.append("\n]\n").toString();
  }
}
