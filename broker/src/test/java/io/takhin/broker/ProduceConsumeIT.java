package io.takhin.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceConsumeIT {
  @TempDir Path dataDir;
  private Broker broker;
  private Clients clients;

  @BeforeEach
  void start() throws Exception {
    broker = Broker.start(TestOptions.of(dataDir).segmentBytes(256 * 1024).build());
    clients = new Clients(broker.port());
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void everyRecordOfAnIdempotentProducerIsReadBackInOrder(String codec) throws Exception {
    // Given
    List<String> values = Clients.values("v", 20_000);

    // When
    clients.send("topic-" + codec, 0, values, Map.of("compression.type", codec));

    // Then
    assertThat(clients.read("topic-" + codec, 0, 0, values.size())).isEqualTo(values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void recordsSentWithFewerAcknowledgementsArrive(String acks) throws Exception {
    // Given
    List<String> values = Clients.values("v", 1_000);

    // When
    clients.send("topic", 0, values, Map.of("acks", acks, "enable.idempotence", false));

    // Then
    assertThat(clients.read("topic", 0, 0, values.size())).isEqualTo(values);
  }

  @Test
  void aConsumerThatWaitsGetsARecordWhenItIsProduced() throws Exception {
    try (KafkaConsumer<String, String> consumer =
        clients.consumer(Map.of("fetch.max.wait.ms", 30_000, "request.timeout.ms", 60_000))) {
      // Given
      clients.createTopic("quiet", 1, Map.of());
      consumer.assign(List.of(new TopicPartition("quiet", 0)));
      assertThat(consumer.poll(Duration.ofMillis(500)).count()).isZero();

      // When
      long sentAt = System.nanoTime();
      clients.send("quiet", List.of("hello"));
      ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(40));

      // Then
      assertThat(records.count()).isEqualTo(1);
      assertThat(Duration.ofNanos(System.nanoTime() - sentAt)).isLessThan(Duration.ofSeconds(25));
    }
  }

  @Test
  void aRecordLargerThanTheFetchSizeIsReadWhole() throws Exception {
    // Given
    String large = "y".repeat(200_000);
    clients.send("large", List.of("first", large, "last"));

    // When
    try (KafkaConsumer<String, String> consumer =
        clients.consumer(Map.of("fetch.max.bytes", 1000, "max.partition.fetch.bytes", 1000))) {
      consumer.assign(List.of(new TopicPartition("large", 0)));

      // Then
      assertThat(Clients.poll(consumer, 3))
          .extracting(r -> r.value().length())
          .containsExactly(5, 200_000, 4);
    }
  }

  @Test
  void aRecordAboveTheTopicsLimitIsRefusedAndTheNextOneIsTaken() throws Exception {
    // Given
    clients.createTopic("limited", 1, Map.of("max.message.bytes", "1000"));

    // When
    try (KafkaProducer<String, String> producer = clients.producer(Map.of())) {
      assertThatThrownBy(
              () -> producer.send(new ProducerRecord<>("limited", "z".repeat(5000))).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(RecordTooLargeException.class);
    }
    clients.send("limited", List.of("small"));

    // Then
    assertThat(clients.read("limited", 0, 0, 1)).containsExactly("small");
  }

  @Test
  void transactionsAreRefusedWithAClearMessage() {
    try (KafkaProducer<String, String> producer =
        clients.producer(Map.of("transactional.id", "t", "max.block.ms", 10_000))) {
      assertThatThrownBy(producer::initTransactions)
          .isInstanceOf(KafkaException.class)
          .hasStackTraceContaining("transactions are not supported by this broker");
    }
  }
}
