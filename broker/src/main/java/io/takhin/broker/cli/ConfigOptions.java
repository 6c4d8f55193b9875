package io.takhin.broker.cli;

import io.takhin.config.ConfigException;
import io.takhin.config.TakhinConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command that needs the broker's configuration takes. */
final class ConfigOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML configuration; without it every key has its default.")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides one key; may be repeated.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  TakhinConfig load() {
    return load(file, overrides);
  }

  static TakhinConfig load(@Nullable Path file, Map<String, String> overrides) {
    try {
      return TakhinConfig.load(file, System.getenv(), overrides);
    } catch (ConfigException e) {
      throw new CommandFailure(ExitCode.CONFIG, String.valueOf(e.getMessage()), e);
    }
  }
}
