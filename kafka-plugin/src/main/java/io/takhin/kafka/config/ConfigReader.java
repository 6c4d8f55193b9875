package io.takhin.kafka.config;

import io.takhin.kafka.form.Storing;
import io.takhin.tiered.read.ChunkReadOptions;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Options.StaticKeys;
import io.takhin.tiered.transfer.TransferOptions;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** Reads one configuration and finds all that is wrong with it. */
final class ConfigReader {
  /** What brokers add by themselves. */
  private static final String BROKER_ID = "broker.id";

  private final Map<String, String> texts = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  ConfigReader(Map<String, ?> given) {
    given.forEach((name, value) -> texts.put(name, String.valueOf(value)));
  }

  PluginConfig read() {
    Map<String, Object> valid = new HashMap<>();
    for (ConfigValue value : PluginKeys.ALL.validate(texts)) {
      if (value.errorMessages().isEmpty()) {
        valid.put(value.name(), value.value());
      } else {
        problems.add(value.errorMessages().get(0)); // Others follow from it.
      }
    }
    Storing storing = StoringKeys.storing(valid, problems);
    requireKnownNames();
    requirePairOfKeys();
    StoringKeys.requireKmsForItsKey(texts).ifPresent(problems::add);
    Optional<Path> folder = folder();
    int brokerId = brokerId();
    if (!problems.isEmpty() || folder.isEmpty()) {
      throw new ConfigException(
          "the configuration of the remote storage manager (rsm.config.*) cannot be used, problems"
              + " found: "
              + problems.size()
              + "\n  "
              + String.join("\n  ", problems));
    }
    return assemble(PluginKeys.ALL.parse(texts), folder.get(), brokerId, storing);
  }

  /** A misspelt key must not be ignored; one that a later broker adds must be. */
  private void requireKnownNames() {
    TreeSet<String> sections = new TreeSet<>();
    PluginKeys.ALL.names().forEach(name -> sections.add(section(name)));
    for (String name : new TreeSet<>(texts.keySet())) {
      if (!PluginKeys.ALL.names().contains(name) && sections.contains(section(name))) {
        problems.add("Unknown configuration \"" + name + "\"; known are " + likely(name));
      }
    }
  }

  private static List<String> likely(String name) {
    return PluginKeys.ALL.names().stream()
        .filter(known -> section(known).equals(section(name)))
        .sorted()
        .toList();
  }

  private static String section(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private void requirePairOfKeys() {
    boolean id = !texts.getOrDefault(PluginKeys.S3_ACCESS_KEY_ID, "").isEmpty();
    boolean secret = !texts.getOrDefault(PluginKeys.S3_SECRET_ACCESS_KEY, "").isEmpty();
    if (id != secret) {
      problems.add(
          "Only one of "
              + PluginKeys.S3_ACCESS_KEY_ID
              + " and "
              + PluginKeys.S3_SECRET_ACCESS_KEY
              + " is given: expected both or none");
    }
  }

  private Optional<Path> folder() {
    try {
      return Optional.ofNullable(texts.get(PluginKeys.DATA_DIR)).map(Path::of);
    } catch (InvalidPathException e) {
      problems.add("Invalid value for configuration " + PluginKeys.DATA_DIR + ": " + e.getReason());
      return Optional.empty();
    }
  }

  private int brokerId() {
    String text = texts.getOrDefault(BROKER_ID, "");
    if (!text.matches("[0-9]{1,9}")) {
      problems.add("Missing " + BROKER_ID + ", which the broker gives: got \"" + text + "\"");
      return 0;
    }
    return Integer.parseInt(text);
  }

  private PluginConfig assemble(
      Map<String, Object> values, Path folder, int brokerId, Storing storing) {
    Path own = folder.resolve("broker-" + brokerId);
    return new PluginConfig(
        own,
        brokerId,
        (String) value(values, PluginKeys.KEY_PREFIX),
        s3(values),
        new TransferOptions(
            (Long) value(values, PluginKeys.TRANSFER_PART_SIZE),
            (Integer) value(values, PluginKeys.TRANSFER_PARALLELISM)),
        (Long) value(values, PluginKeys.UPLOAD_LIMIT),
        (Long) value(values, PluginKeys.DOWNLOAD_LIMIT),
        new PluginConfig.Copying(
            millis(values, PluginKeys.COPY_TIMEOUT),
            (Long) value(values, PluginKeys.COPY_INDEX_MEMORY)),
        new PluginConfig.Deleting(
            (Integer) value(values, PluginKeys.DELETE_PARALLELISM),
            (Integer) value(values, PluginKeys.DELETE_MAX_PENDING),
            millis(values, PluginKeys.DELETE_RETRY_PAUSE)),
        new ChunkReadOptions(
            own.resolve("chunks"),
            (Long) value(values, PluginKeys.FETCH_CACHE_SIZE),
            millis(values, PluginKeys.FETCH_TIMEOUT),
            (Integer) value(values, PluginKeys.FETCH_PARALLELISM),
            (Long) value(values, PluginKeys.FETCH_READ_AHEAD)),
        storing,
        console(values));
  }

  private static Optional<PluginConfig.Console> console(Map<String, Object> values) {
    return (Boolean) value(values, ConsoleKeys.ENABLED)
        ? Optional.of(
            new PluginConfig.Console(
                (String) value(values, ConsoleKeys.HOST),
                (Integer) value(values, ConsoleKeys.PORT)))
        : Optional.empty();
  }

  private S3Options s3(Map<String, Object> values) {
    S3Options s3 =
        S3Options.onAws(
                (String) value(values, PluginKeys.S3_BUCKET),
                (String) value(values, PluginKeys.S3_REGION))
            .withPatience(
                millis(values, PluginKeys.S3_REQUEST_TIMEOUT),
                (Integer) value(values, PluginKeys.S3_MAX_RETRIES))
            .withKeeping(StoringKeys.keeping(values));
    String endpoint = (String) value(values, PluginKeys.S3_ENDPOINT);
    if (!endpoint.isEmpty()) {
      s3 = s3.withEndpoint(URI.create(endpoint));
    }
    String pathStyle = (String) value(values, PluginKeys.S3_PATH_STYLE);
    if (!pathStyle.equals(PluginKeys.AUTO)) {
      s3 = s3.withPathStyle(Boolean.parseBoolean(pathStyle));
    }
    String profile = (String) value(values, PluginKeys.S3_PROFILE);
    if (!profile.isEmpty()) {
      s3 = s3.withProfile(profile);
    }
    String accessKey = (String) value(values, PluginKeys.S3_ACCESS_KEY_ID);
    String secret = texts.getOrDefault(PluginKeys.S3_SECRET_ACCESS_KEY, "");
    return accessKey.isEmpty() ? s3 : s3.withKeys(new StaticKeys(accessKey, secret));
  }

  private static Duration millis(Map<String, Object> values, String name) {
    return Duration.ofMillis((Long) value(values, name));
  }

  /** Every key has a value: a default, or it was required and found. */
  private static Object value(Map<String, Object> values, String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new IllegalStateException("no value and no default: " + name);
    }
    return value;
  }
}
