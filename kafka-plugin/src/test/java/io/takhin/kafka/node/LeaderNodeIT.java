package io.takhin.kafka.node;

import static io.takhin.kafka.node.Records.READ_TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.node.Records.Digest;
import io.takhin.testkit.Fault;
import io.takhin.testkit.S3Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Three brokers, of which another one becomes leader while segments are copied and read. */
class LeaderNodeIT {
  private static final int RECORDS = 8_000;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void anotherBrokerGoesOnWhenTheLeaderIsKilled(String release) throws Exception {
    try (TieredCluster cluster =
        TieredCluster.start("leader-kill", release, 3, directory, Map.of())) {
      Records records = cluster.create("killed");
      Fault copying =
          cluster
              .proxy
              .on(S3Operation.PUT_OBJECT)
              .targets(target -> target.contains(".indexes"))
              .skip(1)
              .hangUpload(0);
      records.produce(RECORDS);
      await().atMost(PATIENCE).until(() -> copying.fired() > 0);
      KafkaNode first = kill(cluster, records.partition());
      copying.release();
      cluster.awaitFreed(records.partition());

      first.startAgain();
      Fault slow = cluster.proxy.on(S3Operation.GET_OBJECT).latency(Duration.ofMillis(400));
      CompletableFuture<Digest> read = begin(records);
      KafkaNode second = kill(cluster, records.partition());
      assertThat(records.position()).as("while it was read").isLessThan(RECORDS);

      assertThat(read.join()).isEqualTo(records.expected(0, RECORDS));
      assertThat(slow.fired()).isPositive();
      slow.release();
      assertThat(second).isNotSameAs(first);
      second.startAgain();
      cluster.deleteAndAwaitEmpty(records);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void leadershipMovesWhileSegmentsAreCopiedAndRead(String release) throws Exception {
    try (TieredCluster cluster =
        TieredCluster.start("leader-move", release, 3, directory, Map.of())) {
      Records records = cluster.create("moved");
      Fault slow = cluster.proxy.on().latency(Duration.ofMillis(150));
      for (int round = 0; round < 3; round++) {
        records.produce(RECORDS / 4);
        moveLeader(cluster, records.partition());
      }
      records.produce(RECORDS - 3 * (RECORDS / 4));
      cluster.awaitFreed(records.partition());

      CompletableFuture<Digest> read = begin(records);
      for (int round = 0; round < 2; round++) {
        moveLeader(cluster, records.partition());
      }

      assertThat(read.join()).isEqualTo(records.expected(0, RECORDS));
      assertThat(slow.fired()).isPositive();
      slow.release();
      cluster.deleteAndAwaitEmpty(records);
    }
  }

  /** Returns when the first records were read. */
  private static CompletableFuture<Digest> begin(Records records) {
    CompletableFuture<Digest> read =
        CompletableFuture.supplyAsync(
            () -> records.consume(0, RECORDS, READ_TIME), task -> new Thread(task).start());
    await().atMost(PATIENCE).until(() -> records.position() > 0);
    return read;
  }

  /** Returns the leader that was killed when there is another one. */
  private static KafkaNode kill(TieredCluster cluster, TopicPartition partition) throws Exception {
    KafkaNode leader = cluster.leader(partition).orElseThrow();
    leader.kill();
    await().atMost(PATIENCE).until(() -> isLedByAnother(cluster, partition, leader));
    return leader;
  }

  private static boolean isLedByAnother(
      TieredCluster cluster, TopicPartition partition, KafkaNode than) throws Exception {
    return cluster.leader(partition).filter(leader -> leader != than).isPresent();
  }

  /** Makes the next broker the preferred leader and waits until it leads. */
  private static void moveLeader(TieredCluster cluster, TopicPartition partition) throws Exception {
    KafkaNode before = cluster.leader(partition).orElseThrow();
    List<Integer> order = new ArrayList<>(cluster.nodes.stream().map(KafkaNode::id).toList());
    Collections.rotate(order, -before.id());
    cluster
        .admin
        .alterPartitionReassignments(
            Map.of(partition, Optional.of(new NewPartitionReassignment(order))))
        .all()
        .get();
    await()
        .atMost(PATIENCE)
        .ignoreException(ExecutionException.class) // While the next one is not in sync yet.
        .until(
            () -> {
              if (isLedByAnother(cluster, partition, before)) {
                return true;
              }
              cluster.admin.electLeaders(ElectionType.PREFERRED, Set.of(partition)).all().get();
              return false;
            });
  }
}
