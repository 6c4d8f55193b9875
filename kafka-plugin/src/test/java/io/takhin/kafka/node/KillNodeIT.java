package io.takhin.kafka.node;

import static io.takhin.kafka.node.Records.READ_TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.node.Records.Digest;
import io.takhin.testkit.Fault;
import io.takhin.testkit.S3Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes that are stopped, or killed at a bad time, and started again. */
class KillNodeIT {
  private static final int RECORDS = 10_000;

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  /** Each of a segment's objects is the one that was being sent. */
  @ParameterizedTest
  @MethodSource("releases")
  void aNodeKilledWhileItCopiesCopiesAgainAndLeavesNothing(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start("kill-copy", release, directory)) {
      Records records = cluster.create("copied");
      int written = 0;
      for (String ending : List.of(".log", ".indexes", ".manifest.json")) {
        Fault hang =
            cluster
                .proxy
                .on(S3Operation.PUT_OBJECT)
                .targets(target -> target.contains(ending))
                .skip(1)
                .hangUpload(0);
        records.produce(RECORDS / 2);
        written += RECORDS / 2;
        await().atMost(Duration.ofMinutes(3)).until(() -> hang.fired() > 0);

        cluster.node().kill();
        hang.release();
        cluster.node().startAgain();

        cluster.awaitFreed(records.partition());
        assertThat(records.consume(0, written, READ_TIME))
            .as("killed while sending %s", ending)
            .isEqualTo(records.expected(0, written));
      }
      cluster.deleteAndAwaitEmpty(records);
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aReaderGoesOnAfterItsNodeWasKilledOrStopped(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start("kill-read", release, directory)) {
      Records records = cluster.create("read");
      records.produce(RECORDS);
      cluster.awaitFreed(records.partition());
      Fault slow = cluster.proxy.on(S3Operation.GET_OBJECT).latency(Duration.ofMillis(400));
      CompletableFuture<Digest> read =
          CompletableFuture.supplyAsync(
              () -> records.consume(0, RECORDS, READ_TIME), task -> new Thread(task).start());
      await().atMost(Duration.ofMinutes(4)).until(() -> records.position() > 0);

      cluster.node().kill();
      assertThat(records.position()).as("while it was read").isLessThan(RECORDS);
      cluster.node().startAgain();

      assertThat(read.join()).isEqualTo(records.expected(0, RECORDS));
      assertThat(slow.fired()).isPositive();
      slow.release();
      cluster.node().stop();
      cluster.node().startAgain();
      assertThat(records.consume(0, RECORDS, READ_TIME))
          .as("after a stop in good order")
          .isEqualTo(records.expected(0, RECORDS));
      cluster.deleteAndAwaitEmpty(records);
    }
  }
}
