package io.takhin.kafka.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/kafka-configuration.md} is made of the code; this makes it, and says if it was old.
 */
class ReferenceTest {
  private static final String HEAD =
      """
      # Configuration of the Kafka plugin

      Made from the code by `ReferenceTest`; do not edit. In a broker's properties each name begins
      with `rsm.config.`. Unknown names and unusable values keep the broker from starting, and all
      of them are told at once.

      | name | meaning | type | default | values | importance |
      |---|---|---|---|---|---|
      """;

  @Test
  void theReferenceIsThatOfTheCode() throws IOException {
    StringBuilder expected = new StringBuilder(HEAD);
    PluginKeys.ALL.configKeys().values().stream()
        .sorted(Comparator.comparing((ConfigKey key) -> key.name))
        .forEach(key -> expected.append(row(key)));
    Path file = Path.of(System.getProperty("takhin.docs.dir")).resolve("kafka-configuration.md");
    String found = Files.exists(file) ? Files.readString(file) : "";

    if (!found.contentEquals(expected)) {
      Files.writeString(file, expected);
    }

    assertThat(found)
        .as("%s was not that of the code; it is written anew, commit it", file)
        .isEqualTo(expected.toString());
  }

  private static String row(ConfigKey key) {
    String values =
        key.validator == null ? "" : escaped(key.validator.toString().replace(",...,", " to "));
    String defaultText =
        key.defaultValue == ConfigDef.NO_DEFAULT_VALUE
            ? "required"
            : key.type == ConfigDef.Type.PASSWORD || String.valueOf(key.defaultValue).isEmpty()
                ? "empty"
                : "`" + key.defaultValue + "`";
    return "| `"
        + key.name
        + "` | "
        + escaped(key.documentation)
        + " | "
        + key.type.name().toLowerCase(Locale.ROOT)
        + " | "
        + defaultText
        + " | "
        + values
        + " | "
        + key.importance.name().toLowerCase(Locale.ROOT)
        + " |\n";
  }

  private static String escaped(String text) {
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_");
  }
}
