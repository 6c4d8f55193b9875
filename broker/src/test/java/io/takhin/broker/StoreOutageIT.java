package io.takhin.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients and operators see while the store is down, refuses, or is not there. */
final class StoreOutageIT {
  @TempDir Path data;

  @Test
  void aStoreThatIsDownAtTheStartIsToldAndUsedOnceItIsUp() throws Exception {
    FaultProxy proxy = Outage.newProxy();
    proxy.goDown();
    try (Outage outage = Outage.start(data, proxy)) {
      // When
      outage.produce();

      // Then
      outage.awaitStoreError("connection refused", "is the store running");
      assertThat(outage.readAll()).isEqualTo(outage.values);
      assertDegraded(outage, "connection refused");

      // When
      proxy.comeUp();
      outage.awaitArchived();

      // Then
      await()
          .atMost(Clients.LONG_ENOUGH)
          .untilAsserted(
              () ->
                  assertThat(outage.get(200, "/health/ready").path("status").asText())
                      .isEqualTo("ready"));
      assertThat(outage.readAll()).isEqualTo(outage.values);
    }
  }

  @Test
  void aStoreThatGoesDownDuringArchivingIsUsedAgainByItself() throws Exception {
    FaultProxy proxy = Outage.newProxy();
    try (Outage outage = Outage.start(data, proxy)) {
      // Given
      Fault lost = proxy.on().skip(6).times(3).loseResponse();
      outage.produce();
      await().atMost(Clients.LONG_ENOUGH).until(() -> lost.fired() > 0);
      proxy.goDown();
      outage.produceMore(); // Whatever was archived by now, there is something left to do.
      outage.awaitStoreError("connection refused");

      // When
      proxy.comeUp();
      outage.awaitArchived();

      // Then
      assertThat(outage.readAll()).isEqualTo(outage.values);
    }
  }

  @Test
  void aReaderOfColdDataWaitsForTheStoreAndMissesNothing() throws Exception {
    FaultProxy proxy = Outage.newProxy();
    try (Outage outage = Outage.start(data, proxy);
        KafkaConsumer<String, String> consumer = outage.clients.consumer(Map.of())) {
      // Given
      outage.produce();
      outage.awaitArchived();
      proxy.goDown();
      TopicPartition partition = new TopicPartition(Outage.TOPIC, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));

      // When
      List<String> read = new ArrayList<>();
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Clients.LONG_ENOUGH)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(record.value()));
                return read.isEmpty();
              });
      proxy.comeUp();
      Clients.poll(consumer, outage.values.size()).forEach(record -> read.add(record.value()));

      // Then
      assertThat(read).isEqualTo(outage.values);
    }
  }

  @Test
  void wrongCredentialsAreNamedAndArchivingGoesOnOnceTheyAreRight() throws Exception {
    FaultProxy proxy = Outage.newProxy();
    Fault refusal = proxy.on().refuse(403, "Forbidden", "InvalidAccessKeyId");
    try (Outage outage = Outage.start(data, proxy)) {
      // When
      outage.produce();

      // Then
      outage.awaitStoreError("status=403", "the credentials are wrong");
      assertDegraded(outage, "the credentials are wrong");
      assertThat(outage.readAll()).isEqualTo(outage.values);
      assertThat(refusal.fired()).isPositive();

      // When
      refusal.release();
      outage.awaitArchived();

      // Then
      assertThat(outage.readAll()).isEqualTo(outage.values);
    }
  }

  @Test
  void aBucketThatIsNotThereIsNamed() throws Exception {
    try (Outage outage = Outage.start(data, Outage.newProxy(), "no-such-bucket")) {
      // When
      outage.produce();

      // Then
      outage.awaitStoreError("no-such-bucket", "the bucket does not exist");
      assertDegraded(outage, "create it or correct its name");
      assertThat(outage.readAll()).isEqualTo(outage.values);
    }
  }

  private static void assertDegraded(Outage outage, String why) {
    await()
        .atMost(Clients.LONG_ENOUGH)
        .untilAsserted(
            () -> {
              var ready = outage.get(200, "/health/ready");
              assertThat(ready.path("status").asText()).isEqualTo("degraded");
              assertThat(ready.path("checks").findValuesAsText("detail"))
                  .anyMatch(
                      detail -> detail.contains(why) && detail.contains("local data is served"));
              var health = outage.get(200, "/api/v1/tiered/stats").path("store_health");
              assertThat(health.path("reachable").asBoolean()).isFalse();
              assertThat(health.path("last_error").asText()).contains(why);
            });
  }
}
