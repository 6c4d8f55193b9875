package io.takhin.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What one source says: the file, the environment, or the overrides. Within a layer a key may
 * appear once; between layers the stronger one wins. A layer keeps acceptable values only and
 * reports everything else, so reading goes on to the last problem.
 */
final class Layer {

  /**
   * @param text acceptable to the key's type
   * @param origin as in {@link ConfigProblem#origin()}
   */
  record Setting(String text, String origin) {}

  private static final Pattern CREDENTIAL =
      Pattern.compile("secret|access.?key|password|credential|token");

  private final Map<ConfigKey<?>, Setting> settings = new HashMap<>();
  private final Map<ConfigKey<?>, String> firstSeen = new HashMap<>();
  private final List<ConfigProblem> problems;

  Layer(List<ConfigProblem> problems) {
    this.problems = problems;
  }

  void put(ConfigKey<?> key, String name, String text, String origin) {
    if (seenOnce(key, name, origin)) {
      if (key.type().parse(text).isPresent()) {
        settings.put(key, new Setting(text, origin));
      } else {
        problems.add(ConfigProblem.badValue(origin, name, key.type(), text));
      }
    }
  }

  /** Reports a value that is not even a text, such as a list. */
  void reject(ConfigKey<?> key, String name, String found, String origin) {
    if (seenOnce(key, name, origin)) {
      report(origin, name, "expected %s, got %s".formatted(key.type().accepts(), found));
    }
  }

  private boolean seenOnce(ConfigKey<?> key, String name, String origin) {
    String first = firstSeen.putIfAbsent(key, "%s as %s".formatted(origin, name));
    if (first != null) {
      report(origin, name, "given twice; first at " + first);
    }
    return first == null;
  }

  /** The value of an unknown key is not shown, because it may be a secret. */
  void unknown(String origin, String name, String what, List<String> suggestions) {
    String hint = "";
    if (CREDENTIAL.matcher(name.toLowerCase(Locale.ROOT)).find()) {
      hint =
          "; credentials come from the AWS default chain (environment, profile file, role), not"
              + " from the configuration";
    } else if (!suggestions.isEmpty()) {
      hint = "; did you mean %s?".formatted(String.join(" or ", suggestions));
    }
    report(origin, name, "unknown " + what + hint);
  }

  void report(String origin, String name, String detail) {
    problems.add(new ConfigProblem(origin, name, detail));
  }

  Optional<Setting> find(ConfigKey<?> key) {
    return Optional.ofNullable(settings.get(key));
  }

  /** Whether the key was given at all, acceptably or not. */
  boolean mentions(ConfigKey<?> key) {
    return firstSeen.containsKey(key);
  }
}
