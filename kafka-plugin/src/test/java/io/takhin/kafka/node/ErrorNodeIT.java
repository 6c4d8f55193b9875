package io.takhin.kafka.node;

import static io.takhin.kafka.node.Records.READ_TIME;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.kafka.node.NodeSettings.Plugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors of the JVM's in the midst of a copy: brokers that get to see one tier no further. */
class ErrorNodeIT {
  private static final int RECORDS = 5_000;

  /** Where the SDK looks for interceptors of S3 clients. */
  private static final String INTERCEPTORS =
      "software/amazon/awssdk/services/s3/execution.interceptors";

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void tieringGoesOnAfterErrorsWithinCopies(String release) throws Exception {
    Plugin plugin = new Plugin(Map.of(), List.of(interceptor(directory.resolve("classes"))));
    try (TieredCluster cluster = TieredCluster.start("error", release, 1, directory, plugin)) {
      Records records = cluster.create("tiered");

      records.produce(RECORDS);

      cluster.awaitFreed(records.partition());
      for (String error : List.of("OutOfMemoryError", "StackOverflowError", "AssertionError")) {
        assertThat(cluster.node().logged(ErrorsInPuts.FIRED, error)).as(error).isEqualTo(1);
        assertThat(cluster.node().logged("copy failed: segment=", error))
            .as("told to the broker as a failed copy: %s", error)
            .isPositive();
      }
      List<String> keys = cluster.keys("tiered");
      long segments = keys.stream().filter(key -> key.endsWith(".manifest.json")).count();
      assertThat(segments).isBetween(4L, 6L);
      assertThat(keys).as("nothing of the attempts that failed").hasSize((int) segments * 3);
      assertThat(records.consume(0, RECORDS, READ_TIME)).isEqualTo(records.expected(0, RECORDS));
      cluster.deleteAndAwaitEmpty(records);
    }
  }

  /** A folder for the plugin's class path that has the interceptor and nothing else. */
  private static Path interceptor(Path folder) throws IOException {
    Path classes = Path.of(ErrorsInPuts.class.getPackageName().replace('.', '/'));
    Path into = Files.createDirectories(folder.resolve(classes));
    Path from = KafkaNode.classes(ErrorsInPuts.class).resolve(classes);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(ErrorNodeIT::isOfTheInterceptor).toList()) {
        Files.copy(file, into.resolve(file.getFileName()));
      }
    }
    Path list = folder.resolve(INTERCEPTORS);
    Files.createDirectories(list.getParent());
    Files.writeString(list, ErrorsInPuts.class.getName());
    return folder;
  }

  private static boolean isOfTheInterceptor(Path file) {
    return file.getFileName().toString().startsWith(ErrorsInPuts.class.getSimpleName());
  }
}
