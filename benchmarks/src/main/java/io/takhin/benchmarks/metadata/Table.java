package io.takhin.benchmarks.metadata;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The measurements side by side: at ten segments, at a million, and what is to be beaten. */
final class Table {
  private static final int FEW = 10;
  private static final int MANY = 1_000_000;
  private static final Map<String, String> TITLES =
      Map.ofEntries(
          Map.entry("find SAME", "lookup, the same segment"),
          Map.entry("find LOG_ORDER", "lookup, log order"),
          Map.entry("find ZIPF", "lookup, Zipf"),
          Map.entry("find RANDOM", "lookup, random"),
          Map.entry("findAndReadInTurn SAME", "lookup and read, the same segment"),
          Map.entry("findAndReadInTurn LOG_ORDER", "lookup and read, log order"),
          Map.entry("findAndReadInTurn ZIPF", "lookup and read, Zipf"),
          Map.entry("findAndReadInTurn RANDOM", "lookup and read, random"),
          Map.entry("stats", "stats"),
          Map.entry("statsAfterChange", "a change, then stats"),
          Map.entry("findByTwo", "concurrent access, 2 readers, Zipf"),
          Map.entry("findWhileWriting", "concurrent access, 1 reader beside 1 writer, Zipf"),
          Map.entry("check", "policy check, the same segment"),
          Map.entry("checkEach", "policy check, log order"),
          Map.entry("readReference", "machine: one dependent random read of 4 B per segment"),
          Map.entry("readSegment", "machine: one dependent random read of 64 B per segment"));

  /** Nanoseconds to beat, by the beginning of the row's name. */
  private static final Map<String, Double> REFERENCES =
      Map.of("lookup,", 16.0, "policy check", 1.5, "stats", 191.0, "concurrent access", 132.0);

  private final Map<String, Map<Integer, Row>> rows = new LinkedHashMap<>();

  static String title(String key) {
    return TITLES.getOrDefault(key, key.replace("covering", "segment of an offset,"));
  }

  void add(int segments, Row row) {
    rows.computeIfAbsent(row.name(), key -> new TreeMap<>()).put(segments, row);
  }

  private static double reference(String name) {
    return REFERENCES.entrySet().stream()
        .filter(entry -> name.startsWith(entry.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** Markdown; the figure is the fastest tenth, the spread goes to the slowest tenth. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("| operation | at 10 | at 1,000,000 | reference | reference / at 1,000,000 |");
    text.append(" spread at 1,000,000: 10 %, median, 90 % |\n|---|---|---|---|---|---|\n");
    rows.forEach((name, bySize) -> text.append(line(name, bySize)));
    return text.toString();
  }

  private static String line(String name, Map<Integer, Row> bySize) {
    @Nullable Row few = bySize.get(FEW);
    boolean compared = bySize.size() > 1;
    Row many = bySize.getOrDefault(MANY, few);
    if (many == null) {
      return "";
    }
    double reference = reference(name);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s |%n",
        name,
        few == null ? "" : figure(few.fast()) + " " + few.unit(),
        !compared && few != null ? "" : figure(many.fast()) + " " + many.unit(),
        Double.isNaN(reference) ? "" : figure(reference) + " ns",
        Double.isNaN(reference) ? "" : figure(reference / many.fast()) + "×",
        many.fast() == many.slow()
            ? ""
            : figure(many.fast()) + ", " + figure(many.median()) + ", " + figure(many.slow()));
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
  }

  String json() {
    StringBuilder json = new StringBuilder("[");
    rows.forEach(
        (name, bySize) ->
            bySize.forEach(
                (segments, row) ->
                    json.append(json.length() == 1 ? "\n" : ",\n")
                        .append(
                            String.format(
                                Locale.ROOT,
                                "  {\"operation\": \"%s\", \"segments\": %d, \"unit\": \"%s\","
                                    + " \"p10\": %.3f, \"median\": %.3f, \"p90\": %.3f}",
                                name,
                                segments,
                                row.unit(),
                                row.fast(),
                                row.median(),
                                row.slow()))));
    return json.append("\n]\n").toString();
  }
}
