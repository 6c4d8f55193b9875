package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be configured, complete and checked. Immutable, so any thread may use it.
 *
 * <p>Values come from four places; a later one wins: the default, the file, the environment, the
 * overrides. {@code docs/configuration.md} lists the keys. Every method that reads reports all
 * problems of all places in one {@link ConfigException}.
 *
 * @param broker the server of the Kafka protocol
 * @param console REST, metrics, health and the web page
 * @param storage what lies on disk and in the bucket
 */
public record TakhinConfig(BrokerConfig broker, ConsoleConfig console, StorageConfig storage) {

  public TakhinConfig {
    requireNonNull(broker, "broker");
    requireNonNull(console, "console");
    requireNonNull(storage, "storage");
  }

  /** What holds when nobody says anything. */
  public static TakhinConfig defaults() {
    return parse("", Map.of());
  }

  /**
   * Reads a file and the environment.
   *
   * @param file YAML in UTF-8, of at most 1 MiB; an empty file means the defaults
   * @param environment variables as given by {@link System#getenv()}
   * @throws ConfigException if anything is wrong, or the file cannot be read
   */
  public static TakhinConfig load(Path file, Map<String, String> environment) {
    return load(file, environment, Map.of());
  }

  /**
   * Reads a file and the environment, and lets the caller have the last word.
   *
   * @param file as above; null reads no file
   * @param environment variables as given by {@link System#getenv()}
   * @param overrides dotted keys, such as {@code broker.port}, to values written as in the file
   * @throws ConfigException if anything is wrong, or the file cannot be read
   */
  public static TakhinConfig load(
      @Nullable Path file, Map<String, String> environment, Map<String, String> overrides) {
    List<ConfigProblem> problems = new ArrayList<>();
    String yaml = file == null ? "" : ConfigFile.read(file, problems);
    return assemble(file == null ? "" : file.toString(), yaml, environment, overrides, problems);
  }

  /**
   * Reads a text as if it were a file.
   *
   * @param yaml the text; problems call it {@code yaml}
   * @param environment variables as given by {@link System#getenv()}
   * @throws ConfigException if anything is wrong
   */
  public static TakhinConfig parse(String yaml, Map<String, String> environment) {
    return assemble("yaml", yaml, environment, Map.of(), new ArrayList<>());
  }

  private static TakhinConfig assemble(
      String source,
      String yaml,
      Map<String, String> environment,
      Map<String, String> overrides,
      List<ConfigProblem> problems) {
    Layer file = YamlLayer.read(source, yaml, problems);
    Layer variables = TextLayer.environment(environment, problems);
    Layer strongest = TextLayer.overrides(overrides, problems);
    Settings settings = new Settings(List.of(strongest, variables, file));
    Relations.check(settings, problems);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return ConfigAssembly.from(settings);
  }
}
