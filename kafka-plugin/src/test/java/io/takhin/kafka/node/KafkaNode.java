package io.takhin.kafka.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;

/**
 * A combined controller and broker of one release, in a JVM of its own, from the jars as they are
 * published, with tiered storage by the plugin's distribution. Its own metadata of remote segments
 * is Kafka's default, a topic.
 *
 * <p>Ended by {@link #close}, and by the end of this JVM at the latest.
 */
final class KafkaNode implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(30);

  private final String release;
  private final Path directory;
  private final Path properties;
  private final int port;
  private Process process;

  private KafkaNode(String release, Path directory, Path properties, int port, Process process) {
    this.release = release;
    this.directory = directory;
    this.properties = properties;
    this.port = port;
    this.process = process;
  }

  /**
   * Formats the storage and starts the node; it answers when this returns.
   *
   * @param release such as {@code 4.3}, a folder of {@code nodes}
   * @param directory for its data and logs, empty
   * @param plugin {@code rsm.config.*} without the prefix
   */
  static KafkaNode start(String release, Path directory, Map<String, String> plugin)
      throws IOException, InterruptedException {
    int port = freePort();
    Path properties = directory.resolve("server.properties");
    Files.write(properties, lines(directory, port, plugin));
    String clusterId = Uuid.randomUuid().toString();
    run(
        release,
        directory,
        "format",
        List.of("kafka.tools.StorageTool", "format", "-t", clusterId, "-c", properties.toString()));
    KafkaNode node =
        new KafkaNode(release, directory, properties, port, launch(release, directory, properties));
    Runtime.getRuntime().addShutdownHook(new Thread(node::kill, "kafka-node-stop"));
    node.awaitAnswer();
    return node;
  }

  private static List<String> lines(Path directory, int port, Map<String, String> plugin)
      throws IOException {
    int controllerPort = freePort();
    Map<String, String> settings = new TreeMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    settings.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("log.dirs", directory.resolve("data").toString());
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("broker.session.timeout.ms", "2000");
    settings.put("broker.heartbeat.interval.ms", "300");
    settings.put("log.retention.check.interval.ms", "500");
    settings.put("log.initial.task.delay.ms", "500");
    settings.put("remote.log.storage.system.enable", "true");
    settings.put("remote.log.manager.task.interval.ms", "500");
    settings.put("remote.log.metadata.manager.listener.name", "PLAINTEXT");
    settings.put("rlmm.config.remote.log.metadata.topic.replication.factor", "1");
    settings.put("rlmm.config.remote.log.metadata.topic.min.isr", "1");
    settings.put("rlmm.config.remote.log.metadata.topic.num.partitions", "2");
    settings.put(
        "remote.log.storage.manager.class.name", "io.takhin.kafka.TakhinRemoteStorageManager");
    settings.put(
        "remote.log.storage.manager.class.path",
        Path.of(System.getProperty("takhin.kafka.dist.dir")).resolve("*").toString());
    plugin.forEach((name, value) -> settings.put("rsm.config." + name, value));
    List<String> lines = new ArrayList<>();
    settings.forEach((name, value) -> lines.add(name + "=" + value));
    return lines;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Process launch(String release, Path directory, Path properties)
      throws IOException {
    return begin(release, directory, "node", List.of("kafka.Kafka", properties.toString()));
  }

  private static void run(String release, Path directory, String name, List<String> program)
      throws IOException, InterruptedException {
    Process process = begin(release, directory, name, program);
    if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(name + " failed:\n" + Files.readString(log(directory, name)));
    }
  }

  private static Process begin(String release, Path directory, String name, List<String> program)
      throws IOException {
    Path libraries =
        Path.of(System.getProperty("takhin.kafka.nodes.dir"), release, "target", "lib");
    if (!Files.isDirectory(libraries)) {
      throw new IOException("no such node: " + libraries + "; build kafka-plugin/nodes first");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:MaxDirectMemorySize=256m"));
    command.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
    command.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS");
    command.addAll(List.of("-cp", libraries.resolve("*").toString()));
    command.addAll(program);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(directory, name).toFile()))
        .start();
  }

  private static Path log(Path directory, String name) {
    return directory.resolve(name + ".log");
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    Map<String, Object> settings = new HashMap<>(clientSettings());
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2000);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 1000);
    try (Admin admin = Admin.create(settings)) {
      while (true) {
        try {
          if (!admin.describeCluster().nodes().get(2, TimeUnit.SECONDS).isEmpty()) {
            return;
          }
        } catch (ExecutionException | TimeoutException e) {
          if (!process.isAlive() || System.nanoTime() > deadline) {
            kill();
            throw new IOException("Kafka " + release + " did not start:\n" + tail(), e);
          }
        }
      }
    }
  }

  /** How clients reach it. */
  Map<String, Object> clientSettings() {
    return Map.of("bootstrap.servers", "127.0.0.1:" + port);
  }

  /** The end of what it has logged. */
  String tail() throws IOException {
    List<String> lines = Files.readAllLines(log(directory, "node"));
    return lines.stream().skip(Math.max(0, lines.size() - 60)).collect(Collectors.joining("\n"));
  }

  /** The bytes of log files on its disk of a partition. */
  long localLogBytes(String partition) throws IOException {
    long bytes = 0;
    try (var files = Files.list(directory.resolve("data").resolve(partition))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).toList()) {
        try {
          bytes += Files.size(file);
        } catch (NoSuchFileException e) {
          bytes += 0; // Freed since it was listed.
        }
      }
    }
    return bytes;
  }

  /** As kill -9. */
  void kill() {
    process.destroyForcibly();
  }

  /** Starts again what was killed or stopped. */
  void restart() throws IOException, InterruptedException {
    stop();
    process = launch(release, directory, properties);
    awaitAnswer();
  }

  private void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
      kill();
      process.waitFor();
    }
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }
}
