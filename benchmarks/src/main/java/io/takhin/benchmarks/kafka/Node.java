package io.takhin.benchmarks.kafka;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

/** A Kafka node, controller and broker in one, in a JVM of its own. Used by one thread. */
final class Node implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 90;
  private static final String DATA = "data";

  private final Process process;
  private final Path directory;
  private final Kind kind;

  private Node(Process process, Path directory, Kind kind) {
    this.process = process;
    this.directory = directory;
    this.kind = kind;
  }

  /**
   * What nodes have in common that run one after the other on copies of the same data.
   *
   * @param libraries the release's jars
   */
  record Kind(Path libraries, int port, int controllerPort) {
    /** A release's, on ports that are free now. */
    static Kind of(Path root, String release) throws IOException {
      Path libraries =
          root.resolve("kafka-plugin/nodes/" + release + "/target/lib").toAbsolutePath();
      if (!Files.isDirectory(libraries)) {
        throw new IOException("no jars of that release: " + libraries);
      }
      try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return new Kind(libraries, one.getLocalPort(), other.getLocalPort());
      }
    }

    String bootstrap() {
      return "127.0.0.1:" + port;
    }
  }

  /** Prepares an empty directory for nodes to be started there. */
  static void format(Kind kind, Path directory) throws IOException, InterruptedException {
    Path properties = write(kind, directory, Map.of());
    String clusterId = Uuid.randomUuid().toString();
    Process format =
        begin(
            kind,
            directory,
            List.of("kafka.tools.StorageTool", "format", "-t", clusterId, "-c", "" + properties));
    if (!format.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || format.exitValue() != 0) {
      format.destroyForcibly();
      throw new IOException("cannot format: " + Files.readString(log(directory)));
    }
  }

  /** Starts one over a formatted directory, or a copy of one; it answers when this returns. */
  static Node start(Kind kind, Path directory, Map<String, String> settings)
      throws IOException, InterruptedException {
    Path properties = write(kind, directory, settings);
    Process process =
        begin(kind, directory, List.of(NodeMain.class.getName(), properties.toString()));
    Node node = new Node(process, directory, kind);
    try {
      node.awaitAnswer();
      return node;
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static Path write(Kind kind, Path directory, Map<String, String> more)
      throws IOException {
    String broker = "PLAINTEXT://127.0.0.1:" + kind.port();
    Map<String, String> settings = new TreeMap<>(more);
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + kind.controllerPort());
    settings.put("listeners", broker + ",CONTROLLER://127.0.0.1:" + kind.controllerPort());
    settings.put("advertised.listeners", broker);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("log.dirs", directory.resolve(DATA).toString());
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("log.retention.check.interval.ms", "500");
    settings.put("log.initial.task.delay.ms", "500");
    List<String> lines = new ArrayList<>();
    settings.forEach((name, value) -> lines.add(name + "=" + value));
    return Files.write(directory.resolve("server.properties"), lines);
  }

  /** With the heap and the collector that Kafka's own scripts give. */
  private static Process begin(Kind kind, Path directory, List<String> program) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"));
    command.addAll(
        List.of("-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"));
    String classPath = kind.libraries().resolve("*") + File.pathSeparator + Contender.ownClasses();
    command.addAll(List.of("-cp", classPath));
    command.addAll(program);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(directory).toFile()))
        .start();
  }

  private static Path log(Path directory) {
    return directory.resolve("node.log");
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kind.bootstrap()))) {
      while (true) {
        try {
          if (!admin.describeCluster().nodes().get(2, TimeUnit.SECONDS).isEmpty()) {
            return;
          }
        } catch (ExecutionException | TimeoutException e) {
          if (!process.isAlive() || System.nanoTime() > deadline) {
            throw new IOException("the node did not start: " + log(directory), e);
          }
        }
      }
    }
  }

  long pid() {
    return process.pid();
  }

  /** Bytes of a partition's log files on its disk. */
  long localLogBytes(String topic, int partition) throws IOException {
    long bytes = 0;
    try (var files = Files.list(directory.resolve(DATA).resolve(topic + "-" + partition))) {
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

  @Override
  public void close() {
    try {
      process.getOutputStream().close(); // Tells it to shut down.
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException e) {
      process.destroyForcibly(); // It has ended before.
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
