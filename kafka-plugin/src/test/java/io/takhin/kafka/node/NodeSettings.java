package io.takhin.kafka.node;

import io.takhin.testkit.QuietPorts;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the nodes of a cluster are started with: everything that can wait does so for less long. */
final class NodeSettings {
  private NodeSettings() {}

  /**
   * A node's id, and where it listens on loopback.
   *
   * @param id from 1 on
   */
  record Place(int id, int port, int controllerPort) {
    String address() {
      return "127.0.0.1:" + port;
    }
  }

  /**
   * The plugin of a cluster.
   *
   * @param settings {@code rsm.config.*} without the prefix
   * @param ahead folders of class files that its class loader looks into before the distribution
   */
  record Plugin(Map<String, String> settings, List<Path> ahead) {
    String classPath() {
      Path distribution = Path.of(System.getProperty("takhin.kafka.dist.dir")).resolve("*");
      return Stream.concat(ahead.stream(), Stream.of(distribution))
          .map(Path::toString)
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  static List<Place> places(int count) throws IOException {
    List<Place> places = new ArrayList<>();
    for (int id = 1; id <= count; id++) {
      places.add(new Place(id, QuietPorts.take(), QuietPorts.take()));
    }
    return places;
  }

  /**
   * The lines of a node's server.properties.
   *
   * @param data where its logs of partitions lie
   */
  static List<String> lines(Place own, List<Place> all, Path data, Plugin plugin) {
    String replicas = Integer.toString(all.size());
    Map<String, String> settings = new TreeMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(own.id()));
    settings.put(
        "controller.quorum.voters",
        all.stream()
            .map(node -> node.id() + "@127.0.0.1:" + node.controllerPort())
            .collect(Collectors.joining(",")));
    settings.put(
        "listeners",
        "PLAINTEXT://" + own.address() + ",CONTROLLER://127.0.0.1:" + own.controllerPort());
    settings.put("advertised.listeners", "PLAINTEXT://" + own.address());
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("log.dirs", data.toString());
    settings.put("offsets.topic.replication.factor", replicas);
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", replicas);
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("broker.session.timeout.ms", "2000");
    settings.put("broker.heartbeat.interval.ms", "300");
    settings.put("log.retention.check.interval.ms", "500");
    settings.put("log.initial.task.delay.ms", "500");
    settings.put("remote.log.storage.system.enable", "true");
    settings.put("remote.log.manager.task.interval.ms", "500");
    settings.put("remote.log.metadata.manager.listener.name", "PLAINTEXT");
    settings.put("rlmm.config.remote.log.metadata.topic.replication.factor", replicas);
    settings.put("rlmm.config.remote.log.metadata.topic.min.isr", "1");
    settings.put("rlmm.config.remote.log.metadata.topic.num.partitions", "2");
    settings.put(
        "remote.log.storage.manager.class.name", "io.takhin.kafka.TakhinRemoteStorageManager");
    settings.put("remote.log.storage.manager.class.path", plugin.classPath());
    plugin.settings().forEach((name, value) -> settings.put("rsm.config." + name, value));
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .toList();
  }
}
