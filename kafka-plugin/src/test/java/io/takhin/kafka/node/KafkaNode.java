package io.takhin.kafka.node;

import io.takhin.kafka.node.NodeSettings.Place;
import io.takhin.kafka.node.NodeSettings.Plugin;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/**
 * A combined controller and broker of one release, in a JVM of its own, from the jars as they are
 * published, with tiered storage by the plugin's distribution. Its own metadata of remote segments
 * is Kafka's default, a topic.
 *
 * <p>Ended by {@link #close}, and by the end of this JVM at the latest. What it logs is in {@code
 * target/nodes}.
 */
final class KafkaNode implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(4);
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final int TAIL_LINES = 60;

  private final String release;
  private final Place place;
  private final String clusterId;
  private final Path directory;
  private final Path log;
  private Process process;

  private KafkaNode(String release, Place place, String clusterId, Path directory, Path log)
      throws IOException {
    this.release = release;
    this.place = place;
    this.clusterId = clusterId;
    this.directory = directory;
    this.log = log;
    this.process = launch();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly(), "node-stop"));
  }

  /**
   * Starts a cluster of nodes; all of them answer when this returns.
   *
   * @param name of the test, for the names of the files with what the nodes log
   * @param release such as {@code 4.3}, a folder of {@code nodes}
   * @param directory for their data, empty
   */
  static List<KafkaNode> start(
      String name, String release, int count, Path directory, Plugin plugin)
      throws IOException, InterruptedException {
    Path logs = Files.createDirectories(Path.of(System.getProperty("takhin.kafka.logs.dir")));
    String clusterId = Uuid.randomUuid().toString();
    List<Place> places = NodeSettings.places(count);
    List<KafkaNode> nodes = new ArrayList<>();
    try {
      for (Place place : places) {
        Path own = Files.createDirectories(directory.resolve("node-" + place.id()));
        List<String> lines = NodeSettings.lines(place, places, own.resolve("data"), plugin);
        Files.write(own.resolve("server.properties"), lines);
        Path log = logs.resolve(name + "-" + release + "-node" + place.id() + ".log");
        Files.deleteIfExists(log);
        nodes.add(new KafkaNode(release, place, clusterId, own, log));
      }
      for (KafkaNode node : nodes) {
        node.awaitAnswer(count);
      }
      return nodes;
    } catch (IOException | InterruptedException | RuntimeException e) {
      nodes.forEach(KafkaNode::close);
      throw e;
    }
  }

  private Process launch() throws IOException {
    Path libraries =
        Path.of(System.getProperty("takhin.kafka.nodes.dir"), release, "target", "lib");
    if (!Files.isDirectory(libraries)) {
      throw new IOException("no such node: " + libraries + "; build kafka-plugin/nodes first");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:MaxDirectMemorySize=256m"));
    // They live for seconds, so quick to start matters more than peak speed.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
    command.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS");
    command.addAll(
        List.of("-cp", libraries.resolve("*") + File.pathSeparator + classes(NodeMain.class)));
    command.add(NodeMain.class.getName());
    command.addAll(List.of(clusterId, directory.resolve("server.properties").toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** The folder of class files, or the jar, that a class is from. */
  static Path classes(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class path names folders and files", e);
    }
  }

  /** Waits until it knows of so many nodes. */
  private void awaitAnswer(int nodes) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    Map<String, Object> settings = new HashMap<>(clientSettings());
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2000);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 1000);
    try (Admin admin = Admin.create(settings)) {
      while (countOfNodes(admin) < nodes) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException("Kafka " + release + " did not start:\n" + tail());
        }
      }
    }
  }

  /** Takes up to two seconds; 0 if it does not answer. */
  private static int countOfNodes(Admin admin) throws InterruptedException {
    try {
      return admin.describeCluster().nodes().get(2, TimeUnit.SECONDS).size();
    } catch (ExecutionException | TimeoutException e) {
      return 0; // Not yet; the caller has a deadline.
    }
  }

  int id() {
    return place.id();
  }

  String address() {
    return place.address();
  }

  /** How clients reach it, and only it. */
  private Map<String, Object> clientSettings() {
    return Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address());
  }

  /** The end of what it has logged. */
  private String tail() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.stream()
        .skip(Math.max(0, lines.size() - TAIL_LINES))
        .collect(Collectors.joining("\n"));
  }

  /** How many of the lines that it has logged have all of these words. */
  long logged(String... words) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> Stream.of(words).allMatch(line::contains)).count();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The bytes of log files on its disk of a partition. */
  long localLogBytes(String partition) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory.resolve("data").resolve(partition))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).toList()) {
        bytes += sizeBytes(file);
      }
    }
    return bytes;
  }

  private static long sizeBytes(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0; // Freed since it was listed.
    }
  }

  /** As kill -9; it is gone when this returns. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it in good order. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
      kill();
    }
  }

  /** Starts what was killed or stopped; it answers when this returns. */
  void startAgain() throws IOException, InterruptedException {
    process = launch();
    awaitAnswer(1);
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
