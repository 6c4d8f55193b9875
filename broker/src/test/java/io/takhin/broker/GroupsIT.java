package io.takhin.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupsIT {
  private static final int PARTITIONS = 4;

  @TempDir Path dataDir;
  private Broker broker;
  private Clients clients;

  @BeforeEach
  void start() throws Exception {
    broker = Broker.start(TestOptions.of(dataDir).build());
    clients = new Clients(broker.port());
    clients.createTopic("work", PARTITIONS, Map.of());
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void twoMembersShareThePartitionsAndReadEachRecordOnce(String protocol) throws Exception {
    List<String> values = Clients.values("v", 500);
    try (KafkaConsumer<String, String> first = clients.groupConsumer("g", protocol);
        KafkaConsumer<String, String> second = clients.groupConsumer("g", protocol)) {
      // Given
      first.subscribe(List.of("work"));
      second.subscribe(List.of("work"));
      await()
          .atMost(Clients.LONG_ENOUGH)
          .until(
              () -> {
                first.poll(Duration.ofMillis(100));
                second.poll(Duration.ofMillis(100));
                return first.assignment().size() == 2 && second.assignment().size() == 2;
              });

      // When
      for (int i = 0; i < PARTITIONS; i++) {
        clients.send("work", i, values, Map.of());
      }

      // Then
      List<String> read = new ArrayList<>();
      await()
          .atMost(Clients.LONG_ENOUGH)
          .until(
              () -> {
                first.poll(Duration.ofMillis(100)).forEach(r -> read.add(key(r)));
                second.poll(Duration.ofMillis(100)).forEach(r -> read.add(key(r)));
                return read.size() >= PARTITIONS * values.size();
              });
      assertThat(read).hasSize(PARTITIONS * values.size()).doesNotHaveDuplicates();
    }
  }

  private static String key(ConsumerRecord<String, String> record) {
    return record.partition() + "/" + record.offset();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void committedOffsetsSurviveARestart(String protocol) throws Exception {
    // Given
    clients.send("work", Clients.values("v", 100));
    TopicPartition partition = new TopicPartition("work", 0);
    try (KafkaConsumer<String, String> consumer = clients.groupConsumer("g", protocol)) {
      consumer.subscribe(List.of("work"));
      Clients.poll(consumer, 100);
      consumer.commitSync(Map.of(partition, new OffsetAndMetadata(60)));
    }

    // When
    broker.close();
    broker = Broker.start(TestOptions.of(dataDir).build());
    clients = new Clients(broker.port());

    // Then
    try (KafkaConsumer<String, String> consumer = clients.groupConsumer("g", protocol)) {
      consumer.subscribe(List.of("work"));
      List<ConsumerRecord<String, String>> records = Clients.poll(consumer, 40);
      assertThat(records).hasSize(40);
      assertThat(records.get(0).offset()).isEqualTo(60);
    }
  }

  @Test
  void groupsAreListedDescribedAndDeleted() throws Exception {
    // Given
    clients.send("work", Clients.values("v", 10));
    try (KafkaConsumer<String, String> consumer = clients.groupConsumer("g", "classic")) {
      consumer.subscribe(List.of("work"));
      Clients.poll(consumer, 10);
      consumer.commitSync();
    }

    try (Admin admin = clients.admin()) {
      // When
      var listed = admin.listGroups().all().get();
      var described = admin.describeConsumerGroups(List.of("g")).all().get();
      var offsets = admin.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata().get();
      admin.deleteConsumerGroups(List.of("g")).all().get();

      // Then
      assertThat(listed).extracting("groupId").containsExactly("g");
      assertThat(Clients.of(described, "g").members()).isEmpty();
      assertThat(Clients.of(offsets, new TopicPartition("work", 0)).offset()).isEqualTo(10);
      assertThat(admin.listGroups().all().get()).isEmpty();
    }
  }

  @Test
  void deletingATopicForgetsItsCommittedOffsets() throws Exception {
    // Given
    clients.send("work", Clients.values("v", 10));
    try (KafkaConsumer<String, String> consumer = clients.groupConsumer("g", "classic");
        Admin admin = clients.admin()) {
      consumer.subscribe(List.of("work"));
      Clients.poll(consumer, 10);
      consumer.commitSync();
      consumer.unsubscribe();

      // When
      admin.deleteTopics(List.of("work")).all().get();

      // Then
      assertThat(admin.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata().get())
          .isEmpty();
    }
  }
}
