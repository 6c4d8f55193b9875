package io.takhin.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Writes the documents that follow from the declarations of the keys. */
final class Reference {

  private static final int COMMENT_WIDTH = 96;

  /** Texts that YAML reads as themselves without quotes. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9./][A-Za-z0-9./:-]*");

  private record Section(String path, String title) {

    boolean holds(ConfigKey<?> key) {
      return path.equals(pathOf(key));
    }
  }

  private static final List<Section> SECTIONS =
      List.of(
          new Section("broker", "The server of the Kafka protocol"),
          new Section("console", "The console: REST, metrics, health and the web page"),
          new Section("storage", "What lies on the local disk"),
          new Section("storage.tiered", "The archiver"),
          new Section("storage.tiered.s3", "Where archived segments go"));

  private Reference() {}

  private static String pathOf(ConfigKey<?> key) {
    String longest = "";
    for (Section section : SECTIONS) {
      if (key.name().startsWith(section.path() + ".")
          && section.path().length() > longest.length()) {
        longest = section.path();
      }
    }
    return longest;
  }

  /** The text of {@code docs/configuration.md}. */
  static String markdown() {
    StringBuilder out =
        new StringBuilder(
            """
            # Configuration

            <!-- Generated from ConfigKeys; the test ReferenceTest tells how to write it anew. -->

            `bin/takhin start --config FILE` reads a YAML file. Every key has a default, so an empty file is a complete one.

            - Dotted and nested spelling mean the same key and mix freely: `broker.port: 9092` and `broker:` with `port: 9092` below it.
            - Every key has an environment form, which wins over the file: `TAKHIN_`, then the key in upper case with `_` for each dot.
            - Unknown keys and `TAKHIN_` variables, keys given twice and values out of range stop the start. All of them are reported at once, with file and line.
              `TAKHIN_JAVA_OPTS`, `TAKHIN_HOME`, `TAKHIN_LOG_DIR` and `TAKHIN_LOG_LEVEL` belong to the launcher.
            - Credentials are not configured here. They come from the AWS default chain: environment, web identity, profile file, container or instance role.

            `config/takhin.yaml` holds every key with its default; `config/takhin-aws.yaml` and `config/takhin-minio.yaml` are short examples.
            """);
    for (Section section : SECTIONS) {
      out.append("\n## `%s`: %s\n\n".formatted(section.path(), section.title()));
      out.append("| Key and environment variable | Default | Meaning |\n|---|---|---|\n");
      ConfigKeys.all().stream().filter(section::holds).forEach(key -> out.append(markdownRow(key)));
    }
    return out.toString();
  }

  private static String markdownRow(ConfigKey<?> key) {
    StringBuilder names = new StringBuilder("`" + key.name() + "`");
    names.append("<br>`").append(key.environmentName()).append('`');
    key.aliases().forEach(alias -> names.append("<br>also `").append(alias).append('`'));
    String value = key.defaultText().isEmpty() ? "empty" : "`" + key.defaultText() + "`";
    return "| %s | %s | %s Accepts %s. |\n"
        .formatted(names, value, escaped(key.description()), escaped(key.type().accepts()));
  }

  private static String escaped(String text) {
    return text.replaceAll("[*_<|]", "\\\\$0");
  }

  /** The text of {@code config/takhin.yaml}. */
  static String yaml() {
    StringBuilder out =
        new StringBuilder(
            """
            # Every key with its default. Copy what you change; what is left out keeps its default.
            # Dotted and nested spelling mean the same key. The environment wins over this file.
            # Credentials come from the AWS default chain, never from here.
            # Generated from ConfigKeys; the test ReferenceTest tells how to write it anew.
            """);
    for (Section section : SECTIONS) {
      String parent = section.path().substring(0, Math.max(0, section.path().lastIndexOf('.')));
      String heading = section.path().substring(section.path().lastIndexOf('.') + 1);
      String indent = "  ".repeat(parent.isEmpty() ? 0 : parent.split("\\.", -1).length);
      out.append("\n%s# %s.\n%s%s:\n".formatted(indent, section.title(), indent, heading));
      ConfigKeys.all().stream()
          .filter(section::holds)
          .forEach(key -> out.append(yamlEntry(key, section.path(), indent + "  ")));
    }
    return out.toString();
  }

  private static String yamlEntry(ConfigKey<?> key, String section, String indent) {
    StringBuilder out = new StringBuilder();
    int width = COMMENT_WIDTH - indent.length();
    List<String> lines = wrapped(key.description(), width);
    lines.addAll(wrapped("Accepts " + key.type().accepts() + ".", width));
    lines.add("Environment: " + key.environmentName());
    lines.forEach(line -> out.append(indent).append("# ").append(line).append('\n'));
    String value =
        PLAIN.matcher(key.defaultText()).matches()
            ? key.defaultText()
            : "\"" + key.defaultText() + "\"";
    String name = key.name().substring(section.length() + 1);
    return out.append("%s%s: %s\n".formatted(indent, name, value)).toString();
  }

  private static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
