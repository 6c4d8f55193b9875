package io.takhin.benchmarks.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** What users do to a node, by Kafka's own clients. Used by one thread. */
final class Clients {
  static final int VALUE_BYTES = 4 << 10;
  private static final int BATCH_BYTES = 128 << 10;

  private final String bootstrap;

  Clients(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  /**
   * Some data.
   *
   * @param bytesEach of values in each partition that fill segments; some more follow
   */
  record Topic(String name, int partitions, long bytesEach, int segmentBytes) {
    List<TopicPartition> all() {
      List<TopicPartition> all = new ArrayList<>();
      for (int partition = 0; partition < partitions; partition++) {
        all.add(new TopicPartition(name, partition));
      }
      return all;
    }

    long recordsEach() {
      return bytesEach / VALUE_BYTES;
    }
  }

  /** What a consumer got, and how long it took. */
  record Consumed(long bytes, long nanos) {
    double megabytesPerSecond() {
      return bytes * 1e3 / nanos;
    }

    double gigabytes() {
      return bytes / 1e9;
    }
  }

  /** Creates a topic and writes to it; one segment more than is read, the last one stays active. */
  void fill(Topic topic) throws Exception {
    try (Admin admin = admin()) {
      NewTopic created =
          new NewTopic(topic.name(), topic.partitions(), (short) 1)
              .configs(
                  Map.of(
                      "segment.bytes", "" + topic.segmentBytes(), "file.delete.delay.ms", "100"));
      admin.createTopics(List.of(created)).all().get();
    }
    byte[] value = new byte[VALUE_BYTES];
    new Random(1).nextBytes(value);
    long records = topic.recordsEach() + topic.segmentBytes() / VALUE_BYTES;
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "linger.ms", 20, "batch.size", BATCH_BYTES),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (long i = 0; i < records && failure.get() == null; i++) {
        for (TopicPartition to : topic.all()) {
          Future<?> unused = // its outcome arrives in the callback
              producer.send(
                  new ProducerRecord<>(to.topic(), to.partition(), null, value),
                  (metadata, exception) -> {
                    if (exception != null) {
                      failure.compareAndSet(null, exception);
                    }
                  });
        }
      }
      producer.flush();
    }
    Exception failed = failure.get();
    if (failed != null) {
      throw new IOException("cannot write to " + topic, failed);
    }
  }

  /** From now on all but the active segment goes to the store, and leaves the node's disk. */
  void tier(Topic topic) throws Exception {
    Collection<AlterConfigOp> changes = new ArrayList<>();
    Map.of("remote.storage.enable", "true", "local.retention.bytes", "1")
        .forEach(
            (name, value) ->
                changes.add(
                    new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
    try (Admin admin = admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), changes))
          .all()
          .get();
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrap));
  }

  /**
   * Reads the topic from its start, with a consumer's default settings.
   *
   * @param atMost when it ends though not all has come
   * @throws IOException if nothing came, or with a gap
   */
  Consumed consume(Topic topic, Duration atMost) throws IOException {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("auto.offset.reset", "none");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(topic.all());
      topic.all().forEach(partition -> consumer.seek(partition, 0));
      consumer.partitionsFor(topic.name()); // So that it is connected and knows the partitions.
      return consume(consumer, topic, atMost);
    }
  }

  private static Consumed consume(
      KafkaConsumer<byte[], byte[]> consumer, Topic topic, Duration atMost) throws IOException {
    Map<TopicPartition, Long> next = new HashMap<>();
    topic.all().forEach(partition -> next.put(partition, 0L));
    long bytes = 0;
    long beganNanos = System.nanoTime();
    long lastNanos = beganNanos;
    while (!next.isEmpty() && System.nanoTime() - beganNanos < atMost.toNanos()) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
      for (TopicPartition partition : records.partitions()) {
        for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
          Long expected = next.get(partition);
          if (expected == null || record.offset() != expected) {
            throw new IOException(
                "a gap: partition="
                    + partition
                    + " expected="
                    + expected
                    + " got="
                    + record.offset());
          }
          bytes += record.value().length;
          next.put(partition, expected + 1);
        }
        lastNanos = System.nanoTime();
        if (next.getOrDefault(partition, 0L) >= topic.recordsEach()) {
          next.remove(partition);
          consumer.pause(List.of(partition));
        }
      }
    }
    if (bytes == 0) {
      throw new IOException("nothing came within " + atMost + ": " + topic);
    }
    return new Consumed(bytes, (next.isEmpty() ? lastNanos : System.nanoTime()) - beganNanos);
  }
}
