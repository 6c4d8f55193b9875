package io.takhin.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.broker.log.DataDirectoryInUseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashIT {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @TempDir Path dataDir;

  private static Uuid topicId(Clients clients) throws Exception {
    try (Admin admin = clients.admin()) {
      return Clients.of(admin.describeTopics(List.of("t")).allTopicNames().get(), "t").topicId();
    }
  }

  @Test
  void whatWasAcknowledgedSurvivesAKill() throws Exception {
    List<String> values = Clients.values("v", 5_000);
    Uuid id;
    // Given
    try (ForkedBroker broker = ForkedBroker.start(dataDir, 64 * 1024)) {
      Clients clients = new Clients(broker.port());
      clients.createTopic("t", 1, Map.of("retention.ms", "86400000"));
      clients.send("t", values);
      try (KafkaConsumer<String, String> consumer = clients.groupConsumer("g", "classic")) {
        consumer.assign(List.of(PARTITION));
        consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(4_321)));
      }
      id = topicId(clients);

      // When
      broker.kill();
    }

    // Then
    try (Broker again = Broker.start(TestOptions.of(dataDir).segmentBytes(64 * 1024).build())) {
      Clients clients = new Clients(again.port());
      assertThat(clients.read("t", 0, 0, values.size())).isEqualTo(values);
      assertThat(topicId(clients)).isEqualTo(id);
      try (Admin admin = clients.admin()) {
        assertThat(
                Clients.of(
                        admin.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata().get(),
                        PARTITION)
                    .offset())
            .isEqualTo(4_321);
      }
      clients.send("t", List.of("after"));
      assertThat(clients.read("t", 0, values.size(), 1)).containsExactly("after");
    }
  }

  @Test
  void aSecondProcessIsRefusedByNameOfDirectoryAndHolder() throws Exception {
    try (ForkedBroker first = ForkedBroker.start(dataDir, 64 * 1024)) {
      assertThatThrownBy(() -> Broker.start(TestOptions.of(dataDir).build()))
          .isInstanceOf(DataDirectoryInUseException.class)
          .hasMessageContaining(dataDir.toString())
          .hasMessageContaining(Long.toString(first.pid()));
    }
  }

  @Test
  void anOrderlyEndIsMarkedAsClean() throws Exception {
    // Given
    ForkedBroker broker = ForkedBroker.start(dataDir, 64 * 1024);

    // When
    broker.close();

    // Then
    assertThat(dataDir.resolve(".kafka_cleanshutdown")).exists();
  }

  private static void sendInOrder(KafkaProducer<String, String> producer, List<String> values)
      throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (String value : values) {
      sent.add(producer.send(new ProducerRecord<>("t", 0, null, value)));
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
  }

  @Test
  void aFullDiskFailsTheAppendAndLeavesEverythingReadable() throws Exception {
    // Given a process that may not write files larger than 2 MiB, and a topic with larger segments
    List<String> limited = List.of("bash", "-c", "ulimit -f 2048; exec \"$0\" \"$@\"");
    List<String> values = Clients.values("v", 1_000);
    try (ForkedBroker broker = ForkedBroker.start(limited, dataDir, 256 * 1024)) {
      Clients clients = new Clients(broker.port());
      clients.createTopic("t", 1, Map.of("segment.bytes", "8388608"));
      clients.send("t", values);

      // When
      List<String> tooMuch = Clients.values("w", 40_000);
      try (KafkaProducer<String, String> producer = clients.producer(Map.of("retries", 2))) {
        assertThatThrownBy(() -> sendInOrder(producer, tooMuch))
            .isInstanceOf(ExecutionException.class);
        producer.close(Duration.ZERO); // What was not sent stays so.
      }

      // Then
      assertThat(Files.size(dataDir.resolve("t-0/00000000000000000000.log")))
          .as("the limit was reached")
          .isGreaterThan(1_900_000);
      List<String> read = clients.read("t", 0, 0, 10_000);
      assertThat(read.subList(0, values.size())).isEqualTo(values);
      assertThat(read.subList(values.size(), read.size()))
          .isEqualTo(tooMuch.subList(0, read.size() - values.size()));
      clients.send("other", List.of("elsewhere"));
      assertThat(clients.read("other", 0, 0, 1)).containsExactly("elsewhere");
    }
  }
}
