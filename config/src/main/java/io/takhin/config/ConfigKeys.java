package io.takhin.config;

import java.util.List;
import java.util.stream.Stream;

/** Every key there is, in the order in which the documentation shows them. */
final class ConfigKeys {
  private ConfigKeys() {}

  /** Section by section, within each in order of declaration. */
  static List<ConfigKey<?>> all() {
    return Stream.of(BrokerKeys.ALL, TieredKeys.ALL, S3Keys.ALL).flatMap(List::stream).toList();
  }

  /** Makes a key and adds it to its section. */
  static <T> ConfigKey<T> in(
      List<ConfigKey<?>> section,
      String name,
      ValueType<T> type,
      String defaultText,
      String description,
      String... aliases) {
    ConfigKey<T> key = new ConfigKey<>(name, type, defaultText, description, List.of(aliases));
    section.add(key);
    return key;
  }
}
