package io.takhin.config;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toCollection;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds keys by any of their names, and the nearest ones to a name that does not exist. */
final class KeyNames {

  private static final int MAX_SUGGESTIONS = 3;

  /** Shorter endings such as {@code mb} would match too much. */
  private static final int MIN_ENDING_LENGTH = 4;

  private static final Map<String, ConfigKey<?>> BY_NAME = new TreeMap<>();
  private static final Map<String, ConfigKey<?>> BY_ENVIRONMENT_NAME = new HashMap<>();

  /** Every start of a name that ends before a dot. */
  private static final TreeSet<String> SECTIONS = new TreeSet<>();

  static {
    for (ConfigKey<?> key : ConfigKeys.all()) {
      key.names().forEach(name -> add(name, key));
    }
  }

  private KeyNames() {}

  private static void add(String name, ConfigKey<?> key) {
    BY_NAME.put(name, key);
    BY_ENVIRONMENT_NAME.put(ConfigKey.environmentName(name), key);
    for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
      SECTIONS.add(name.substring(0, dot));
    }
  }

  static Optional<ConfigKey<?>> find(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static Optional<ConfigKey<?>> findEnvironment(String variable) {
    return Optional.ofNullable(BY_ENVIRONMENT_NAME.get(variable));
  }

  static boolean isSection(String name) {
    return SECTIONS.contains(name);
  }

  static List<String> examplesIn(String section) {
    return BY_NAME.keySet().stream()
        .filter(name -> name.startsWith(section + "."))
        .limit(MAX_SUGGESTIONS)
        .toList();
  }

  /** Names that the author of {@code unknown} may have meant, possibly none. */
  static List<String> nearestKeys(String unknown) {
    return nearest(unknown, BY_NAME.keySet());
  }

  static List<String> nearestSections(String unknown) {
    return nearest(unknown, SECTIONS);
  }

  private static List<String> nearest(String unknown, Collection<String> candidates) {
    String wanted = lettersOf(unknown);
    TreeMap<Integer, TreeSet<String>> byDistance =
        candidates.stream()
            .collect(
                groupingBy(
                    candidate -> distance(wanted, lettersOf(candidate)),
                    TreeMap::new,
                    toCollection(TreeSet::new)));
    int near = Math.max(2, wanted.length() / 4);
    Stream<String> found =
        byDistance.firstKey() <= near
            ? byDistance.firstEntry().getValue().stream()
            : candidates.stream()
                .filter(
                    candidate ->
                        wanted.length() >= MIN_ENDING_LENGTH
                            && lettersOf(candidate).endsWith(wanted));
    return found.limit(MAX_SUGGESTIONS).toList();
  }

  /** Makes {@code coldAgeHours}, {@code cold_age_hours} and {@code cold.age.hours} the same. */
  private static String lettersOf(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /**
   * Optimal string alignment: insertions, deletions, replacements and swaps of neighbours, each
   * counting one.
   */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
