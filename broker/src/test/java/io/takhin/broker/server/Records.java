package io.takhin.broker.server;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes a topic and reads it, with the ordinary Java clients in their default settings. */
final class Records {
  static final int PARTITIONS = 4;
  private static final int VALUE_BYTES = 1000;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(3);

  private Records() {}

  /**
   * What was written, or what was read.
   *
   * @param digests of offsets and values in order, one for each partition
   */
  record Summary(long count, List<String> digests) {}

  static void createTopic(String bootstrap, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
    }
  }

  static void deleteTopic(String bootstrap, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }

  /**
   * Writes so many bytes of values that do not compress, evenly over the partitions of a new topic.
   */
  static Summary write(String bootstrap, String topic, long bytes, long seed) throws Exception {
    createTopic(bootstrap, topic);
    Random random = new Random(seed);
    Digests digests = new Digests();
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "linger.ms", 10, "batch.size", 128 * 1024),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (long index = 0; index * VALUE_BYTES < bytes; index++) {
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        int partition = (int) (index % PARTITIONS);
        sent.add(producer.send(new ProducerRecord<>(topic, partition, null, value)));
        digests.add(partition, index / PARTITIONS, value);
      }
      producer.flush();
    }
    for (Future<?> each : sent) {
      each.get();
    }
    return digests.finish();
  }

  /** Where each partition ends now. */
  static List<Long> ends(String bootstrap, String topic) {
    List<TopicPartition> partitions =
        IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition(topic, p)).toList();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      return partitions.stream().map(ends::get).toList();
    }
  }

  /** Reads every partition from offset 0 to what is its end at the beginning. */
  static Summary read(String bootstrap, String topic) {
    return read(bootstrap, topic, ends(bootstrap, topic));
  }

  /** Reads every partition from offset 0 up to, and without, the given one. */
  static Summary read(String bootstrap, String topic, List<Long> ends) {
    List<TopicPartition> partitions =
        IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition(topic, p)).toList();
    Digests digests = new Digests();
    long end = ends.stream().mapToLong(Long::longValue).sum();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
      consumer.assign(partitions);
      partitions.forEach(partition -> consumer.seek(partition, 0));
      long deadline = System.nanoTime() + LONG_ENOUGH.toNanos();
      while (digests.count < end && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < ends.get(record.partition())) {
            digests.add(record.partition(), record.offset(), record.value());
          }
        }
      }
    }
    return digests.finish();
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    return new KafkaConsumer<>(
        Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "none"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** Appends records to a partition and returns the offset of the first. */
  static long append(String bootstrap, String topic, int partition, int count) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        sent.add(
            producer.send(new ProducerRecord<>(topic, partition, null, new byte[VALUE_BYTES])));
      }
    }
    return sent.get(0).get().offset();
  }

  private static final class Digests {
    private final List<MessageDigest> partitions =
        IntStream.range(0, PARTITIONS).mapToObj(p -> sha256()).toList();
    private long count;

    void add(int partition, long offset, byte[] value) {
      MessageDigest digest = partitions.get(partition);
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
      digest.update(value);
      count++;
    }

    Summary finish() {
      return new Summary(
          count, partitions.stream().map(d -> HexFormat.of().formatHex(d.digest())).toList());
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }
}
