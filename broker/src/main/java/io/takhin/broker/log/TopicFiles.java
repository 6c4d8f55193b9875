package io.takhin.broker.log;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;

/**
 * The durable list of topics: one file for each, {@code .topics/<topic>.properties}, UTF-8, in the
 * format of {@link Properties}:
 *
 * <pre>
 * format=1                        the version of this format
 * id=rUa5wYQ1S8yQ3h0yq2bM4g       the topic id, as Kafka writes it
 * partitions=4
 * state=live                      or "deleting": it no longer exists for clients;
 *                                 or "adopting": it does not exist yet
 * config.segment.bytes=1048576    one line for each setting of the topic
 * </pre>
 *
 * Each file is replaced atomically. Its presence is the existence of the topic: partition
 * directories are created after it and removed before it.
 */
final class TopicFiles {
  private static final String FORMAT = "1";
  private static final String SUFFIX = ".properties";
  private static final String CONFIG = "config.";

  private final Path directory;

  TopicFiles(Path dataDir) throws IOException {
    this.directory = dataDir.resolve(".topics");
    Files.createDirectories(directory);
  }

  /** How far a topic has come. */
  enum State {
    LIVE("live"),
    /** Gone for clients; what it left is being removed. */
    DELETING("deleting"),
    /** Being made from what is archived of it; a start that finds it so undoes it. */
    ADOPTING("adopting");

    private final String label;

    State(String label) {
      this.label = label;
    }

    private static State of(String label) {
      for (State state : values()) {
        if (state.label.equals(label)) {
          return state;
        }
      }
      throw new IllegalArgumentException(
          "state: expected live, deleting or adopting, got '" + label + "'");
    }
  }

  record Entry(Topic topic, State state) {}

  List<Entry> load() throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        if (file.getFileName().toString().endsWith(SUFFIX)) {
          entries.add(read(file));
        }
      }
    }
    return entries;
  }

  void save(Topic topic, State state) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("format", FORMAT);
    properties.setProperty("id", topic.id().toString());
    properties.setProperty("partitions", Integer.toString(topic.partitions()));
    properties.setProperty("state", state.label);
    topic.config().forEach((name, value) -> properties.setProperty(CONFIG + name, value));
    StringWriter text = new StringWriter();
    properties.store(text, null);
    AtomicFile.write(file(topic.name()), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  void remove(String topic) throws IOException {
    AtomicFile.delete(file(topic));
  }

  private Path file(String topic) {
    return directory.resolve(topic + SUFFIX);
  }

  private static Entry read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    String format = required(properties, "format", file);
    if (!format.equals(FORMAT)) {
      throw new IOException(
          "unknown format of topic file " + file + ": expected=" + FORMAT + " got=" + format);
    }
    Map<String, String> config = new HashMap<>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(CONFIG)) {
        config.put(key.substring(CONFIG.length()), properties.getProperty(key));
      }
    }
    String fileName = file.getFileName().toString();
    try {
      Topic topic =
          new Topic(
              fileName.substring(0, fileName.length() - SUFFIX.length()),
              Uuid.fromString(required(properties, "id", file)),
              Integer.parseInt(required(properties, "partitions", file)),
              config);
      return new Entry(topic, State.of(required(properties, "state", file)));
    } catch (IllegalArgumentException e) {
      throw new IOException("unreadable topic file " + file + ": " + e.getMessage(), e);
    }
  }

  private static String required(Properties properties, String key, Path file) throws IOException {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IOException("topic file " + file + " has no line for " + key);
    }
    return value;
  }
}
