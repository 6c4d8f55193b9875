package io.takhin.tiered.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ReadMetersTest {
  private static final int SURPLUS = 50;

  @Test
  void costsAreKnownAlthoughTheRegistryKeepsNothing() {
    // Given a registry of which nobody reads, whose meters are no-ops
    CompositeMeterRegistry noop = new CompositeMeterRegistry();
    ReadMeters meters = new ReadMeters(noop);

    // When
    note(meters.of("orders"));
    meters.evicted(meters.of("orders"));
    meters.evicted(null);

    // Then
    assertThat(noop.counter("tiered.storage.read.served.bytes", "topic", "orders").count())
        .isZero();
    assertThat(meters.costs())
        .containsOnlyKeys("orders", ReadMeters.EARLIER)
        .containsEntry(
            "orders",
            new ReadCosts(3, 1, 200, 500, 1, 2, Duration.ofNanos(9), Duration.ofNanos(7)));
    assertThat(meters.costs().get(ReadMeters.EARLIER))
        .extracting(ReadCosts::evictions)
        .isEqualTo(1L);
  }

  @Test
  void theRegistryHasTheSame() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    ReadMeters meters = new ReadMeters(registry);

    note(meters.of("orders"));
    meters.evicted(meters.of("orders"));

    String prefix = "tiered.storage.read.";
    String[] topic = {"topic", "orders"};
    assertThat(registry.get(prefix + "chunks").tag("outcome", "hit").counter().count())
        .isEqualTo(3);
    assertThat(registry.get(prefix + "chunks").tag("outcome", "miss").counter().count())
        .isEqualTo(1);
    assertThat(registry.get(prefix + "served.bytes").tags(topic).counter().count()).isEqualTo(200);
    assertThat(registry.get(prefix + "fetched.bytes").tags(topic).counter().count()).isEqualTo(500);
    assertThat(registry.get(prefix + "wait").tags(topic).timer().count()).isEqualTo(2);
    assertThat(registry.get(prefix + "wait").tags(topic).timer().totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo(9);
    assertThat(registry.get(prefix + "chunk.evictions").tags(topic).counter().count()).isEqualTo(1);
  }

  @Test
  void topicsBeyondTheBoundShareTheirCosts() {
    ReadMeters meters = new ReadMeters(new SimpleMeterRegistry());

    for (int topic = 0; topic < ReadMeters.MAX_TOPICS + SURPLUS; topic++) {
      meters.of("topic-" + topic).servedBytes().add(1);
    }

    assertThat(meters.costs()).hasSize(ReadMeters.MAX_TOPICS + 1);
    assertThat(meters.costs().get(ReadMeters.OTHERS))
        .extracting(ReadCosts::servedBytes)
        .isEqualTo((long) SURPLUS);
  }

  @Test
  void amplificationIsUnknownUntilSomethingWasServed() {
    ReadCosts fetched = new ReadCosts(0, 1, 0, 500, 0, 1, Duration.ZERO, Duration.ZERO);

    assertThat(fetched.amplification()).isEmpty();
    assertThat(fetched.plus(new ReadCosts(4, 0, 200, 0, 0, 0, Duration.ZERO, Duration.ZERO)))
        .satisfies(both -> assertThat(both.amplification()).hasValue(2.5));
  }

  private static void note(ReadMeters.ByTopic topic) {
    topic.hits().add(3);
    topic.misses().add(1);
    topic.servedBytes().add(200);
    topic.fetchedBytes().add(500);
    topic.waits().ended(7);
    topic.waits().ended(2);
  }
}
