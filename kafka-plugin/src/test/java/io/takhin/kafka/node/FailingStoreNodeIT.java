package io.takhin.kafka.node;

import static io.takhin.kafka.node.Records.READ_TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.testkit.Fault;
import io.takhin.testkit.S3Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a broker makes of a store that refuses, and what of it the plugin absorbs. */
class FailingStoreNodeIT {
  private static final int RECORDS = 5_000;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  /** Brokers give each attempt a name of its own, and have no failed one deleted. */
  @ParameterizedTest
  @MethodSource("releases")
  void copiesThatFailLeaveNothingAndGoOnLater(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start("failing-copy", release, directory)) {
      Records records = cluster.create("refused");
      Fault refusal =
          cluster
              .proxy
              .on(S3Operation.PUT_OBJECT)
              .targets(target -> target.contains(".manifest.json"))
              .refuse(403, "Forbidden", "AccessDenied");
      records.produce(RECORDS);
      await().atMost(PATIENCE).until(() -> refusal.fired() >= 3);
      Fault busy =
          cluster
              .proxy
              .on(S3Operation.PUT_OBJECT)
              .targets(target -> target.contains(".indexes"))
              .slowDown();
      await().atMost(PATIENCE).until(() -> busy.fired() >= 5);

      refusal.release();
      busy.release();

      cluster.awaitFreed(records.partition());
      List<String> keys = cluster.keys("refused");
      long segments = keys.stream().filter(key -> key.endsWith(".manifest.json")).count();
      assertThat(segments).isBetween(4L, 6L);
      assertThat(keys).as("nothing of the attempts that failed").hasSize((int) segments * 3);
      assertThat(records.consume(0, RECORDS, READ_TIME)).isEqualTo(records.expected(0, RECORDS));
      cluster.deleteAndAwaitEmpty(records);
    }
  }

  /** Brokers that are told of one failed delete leave every object of the topic for good. */
  @ParameterizedTest
  @MethodSource("releases")
  void deletesThatFailAreDoneInTheEndAlsoAfterAKill(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start("failing-delete", release, directory)) {
      Records records = cluster.create("doomed");
      records.produce(RECORDS);
      cluster.awaitFreed(records.partition());
      int objects = cluster.keys("doomed").size();
      Set<String> refused = ConcurrentHashMap.newKeySet();
      Fault refusal =
          cluster
              .proxy
              .on(S3Operation.DELETE_OBJECT)
              .targets(
                  target -> {
                    refused.add(target);
                    return true;
                  })
              .refuse(403, "Forbidden", "AccessDenied");
      cluster.admin.deleteTopics(List.of("doomed")).all().get();
      await().atMost(PATIENCE).until(() -> refused.size() == objects / 3);
      cluster.node().kill();
      int before = refusal.fired();

      cluster.node().startAgain();

      await().atMost(PATIENCE).until(() -> refusal.fired() > before);
      assertThat(cluster.keys("doomed")).as("the first of each three is refused").hasSize(objects);
      refusal.release();
      await().atMost(PATIENCE).until(() -> cluster.keys().isEmpty());
    }
  }
}
