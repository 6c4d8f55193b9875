package io.takhin.benchmarks.kafka;

import io.takhin.benchmarks.kafka.plain.WholeObjects;
import io.takhin.benchmarks.transfer.Target;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A plugin, as a broker is told of it.
 *
 * @param classPath as brokers take it
 * @param settings without {@code rsm.config.}
 */
record Contender(String name, String className, String classPath, Map<String, String> settings) {
  static final String TAKHIN = "takhin";
  static final String WHOLE_OBJECTS = "whole-objects";
  static final List<String> NAMES = List.of(TAKHIN, WHOLE_OBJECTS);

  /** What the plain plugin needs; the rest is the broker's. */
  private static final List<String> SDK =
      List.of("software/amazon/", "org/apache/httpcomponents/", "org/reactivestreams/");

  /**
   * @throws IllegalArgumentException if there is none of that name
   */
  static String known(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "no such plugin: expected one of " + NAMES + ", got " + name);
    }
    return name;
  }

  /**
   * @param root of the project, which has been built
   */
  static Contender of(String name, Path root, Target target) throws IOException {
    return name.equals(TAKHIN) ? takhin(root, target) : wholeObjects(target);
  }

  private static Contender takhin(Path root, Target target) throws IOException {
    Path dist = root.resolve("kafka-plugin/target/dist").toAbsolutePath();
    if (!Files.isDirectory(dist)) {
      throw new IOException("no distribution of the plugin: " + dist);
    }
    Map<String, String> settings = new HashMap<>();
    settings.put("s3.bucket", target.bucket());
    settings.put("s3.endpoint", target.endpoint().toString());
    settings.put("s3.access.key.id", "benchmark");
    settings.put("s3.secret.access.key", "benchmark");
    return new Contender(
        TAKHIN, "io.takhin.kafka.TakhinRemoteStorageManager", dist + "/*", settings);
  }

  private static Contender wholeObjects(Target target) {
    Stream<String> sdk = classPathEntries().filter(entry -> SDK.stream().anyMatch(entry::contains));
    return new Contender(
        WHOLE_OBJECTS,
        WholeObjects.class.getName(),
        Stream.concat(Stream.of(ownClasses()), sdk)
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator)),
        Map.of("bucket", target.bucket(), "endpoint", target.endpoint().toString()));
  }

  /** Where the classes of this module are. */
  static String ownClasses() {
    return classPathEntries()
        .filter(entry -> Path.of(entry).endsWith(Path.of("benchmarks", "target", "classes")))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("not started by benchmarks/run"));
  }

  private static Stream<String> classPathEntries() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1));
  }

  /** The broker's own settings for it. */
  Map<String, String> brokerSettings(Path dataDir) {
    Map<String, String> all = new HashMap<>();
    all.put("remote.log.storage.system.enable", "true");
    all.put("remote.log.manager.task.interval.ms", "500");
    all.put("remote.log.metadata.manager.listener.name", "PLAINTEXT");
    all.put("rlmm.config.remote.log.metadata.topic.replication.factor", "1");
    all.put("rlmm.config.remote.log.metadata.topic.min.isr", "1");
    all.put("rlmm.config.remote.log.metadata.topic.num.partitions", "2");
    all.put("remote.log.storage.manager.class.name", className);
    all.put("remote.log.storage.manager.class.path", classPath);
    all.put("rsm.config.data.dir", dataDir.toString());
    settings.forEach((name, value) -> all.put("rsm.config." + name, value));
    return all;
  }
}
