package io.takhin.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The Java clients of one broker, as a user would configure them. */
record Clients(int port) {
  static final Duration LONG_ENOUGH = Duration.ofMinutes(3);

  private Map<String, Object> config(Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(more);
    config.put("bootstrap.servers", "127.0.0.1:" + port);
    return config;
  }

  Admin admin() {
    return Admin.create(config(Map.of("request.timeout.ms", 20_000)));
  }

  KafkaProducer<String, String> producer(Map<String, Object> more) {
    return new KafkaProducer<>(config(more), new StringSerializer(), new StringSerializer());
  }

  KafkaConsumer<String, String> consumer(Map<String, Object> more) {
    Map<String, Object> config = config(more);
    config.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
  }

  KafkaConsumer<String, String> groupConsumer(String group, String protocol) {
    return consumer(
        Map.of(
            ConsumerConfig.GROUP_ID_CONFIG, group,
            ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false));
  }

  void createTopic(String name, int partitions, Map<String, String> config) throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(config)))
          .all()
          .get();
    }
  }

  /** Sends to partition 0 and waits for all acknowledgements. */
  void send(String topic, List<String> values) throws Exception {
    send(topic, 0, values, Map.of());
  }

  void send(String topic, int partition, List<String> values, Map<String, Object> more)
      throws Exception {
    try (KafkaProducer<String, String> producer = producer(more)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (String value : values) {
        sent.add(producer.send(new ProducerRecord<>(topic, partition, null, value)));
      }
      producer.flush();
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }

  /** The first values of a partition from the offset on, as many as asked for. */
  List<String> read(String topic, int partition, long offset, int count) {
    try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
      TopicPartition id = new TopicPartition(topic, partition);
      consumer.assign(List.of(id));
      consumer.seek(id, offset);
      return poll(consumer, count).stream().limit(count).map(ConsumerRecord::value).toList();
    }
  }

  /** Polls until as many records have come, or it takes too long. */
  static List<ConsumerRecord<String, String>> poll(
      KafkaConsumer<String, String> consumer, int count) {
    List<ConsumerRecord<String, String>> records = new ArrayList<>();
    long deadline = System.nanoTime() + LONG_ENOUGH.toNanos();
    while (records.size() < count && System.nanoTime() < deadline) {
      consumer.poll(Duration.ofMillis(200)).forEach(records::add);
    }
    return records;
  }

  /** Values of about 100 bytes each, so that some thousands fill a small segment. */
  static List<String> values(String prefix, int count) {
    List<String> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      values.add(prefix + "-" + i + "-" + "x".repeat(90));
    }
    return values;
  }

  /** What an answer says about one of the things it was asked for. */
  static <K, V> V of(Map<K, V> answer, K key) {
    return Objects.requireNonNull(answer.get(key), () -> "no answer for " + key);
  }
}
