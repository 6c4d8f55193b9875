package io.takhin.config;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The declaration of one key: the only place that knows its name, default, bounds and meaning.
 * Parsing, environment names, {@code docs/configuration.md} and {@code config/takhin.yaml} follow
 * from it.
 *
 * @param name dotted, lower case, such as {@code broker.port}
 * @param defaultText the default as a user would write it; acceptable to {@code type}
 * @param description full sentences for the operator
 * @param aliases other names that mean the same key
 */
record ConfigKey<T>(
    String name, ValueType<T> type, String defaultText, String description, List<String> aliases) {

  static final String ENVIRONMENT_PREFIX = "TAKHIN_";

  ConfigKey {
    if (type.parse(defaultText).isEmpty()) {
      throw new IllegalArgumentException(
          "default of %s: expected %s, got %s".formatted(name, type.accepts(), defaultText));
    }
  }

  /** The canonical name first. */
  Stream<String> names() {
    return Stream.concat(Stream.of(name), aliases.stream());
  }

  String environmentName() {
    return environmentName(name);
  }

  static String environmentName(String name) {
    return ENVIRONMENT_PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_');
  }
}
