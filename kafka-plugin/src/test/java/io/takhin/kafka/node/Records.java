package io.takhin.kafka.node;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records to a partition and reads them back, and tells both by a digest. */
final class Records {
  private final KafkaNode node;
  private final TopicPartition partition;

  Records(KafkaNode node, TopicPartition partition) {
    this.node = node;
    this.partition = partition;
  }

  /** A number of records, and a digest over their values in order. */
  record Digest(long count, String sha256) {}

  /** Writes random values of 1,000 bytes; the same seed gives the same. */
  Digest produce(int count, long seed) {
    Map<String, Object> settings = new HashMap<>(node.clientSettings());
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 << 10);
    MessageDigest digest = sha256();
    Random random = new Random(seed);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int number = 0; number < count; number++) {
        byte[] value = new byte[1000];
        random.nextBytes(value);
        digest.update(value);
        Object unused =
            producer.send(
                new ProducerRecord<>(partition.topic(), partition.partition(), null, value));
      }
      producer.flush();
    }
    return new Digest(count, HexFormat.of().formatHex(digest.digest()));
  }

  /**
   * Reads from an offset on, until so many records came.
   *
   * @throws AssertionError if they do not come in time, or leave out an offset
   */
  Digest consume(long fromOffset, long count, Duration atMost) {
    Map<String, Object> settings = new HashMap<>(node.clientSettings());
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    MessageDigest digest = sha256();
    long next = fromOffset;
    long deadline = System.nanoTime() + atMost.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, fromOffset);
      while (next < fromOffset + count) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError(
              "records did not come: expected=" + count + " got=" + (next - fromOffset));
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          if (record.offset() != next) {
            throw new AssertionError("expected offset " + next + ", got " + record.offset());
          }
          next++;
          digest.update(record.value());
        }
      }
    }
    return new Digest(next - fromOffset, HexFormat.of().formatHex(digest.digest()));
  }

  /**
   * Writes transactions of random values of 1,000 bytes; every second one is aborted.
   *
   * @return what was committed
   */
  Digest produceTransactions(int transactions, int recordsEach, long seed) {
    Map<String, Object> settings = new HashMap<>(node.clientSettings());
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "transactions-" + seed);
    MessageDigest digest = sha256();
    Random random = new Random(seed);
    long committed = 0;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      for (int transaction = 0; transaction < transactions; transaction++) {
        boolean commits = transaction % 2 == 0;
        producer.beginTransaction();
        for (int number = 0; number < recordsEach; number++) {
          byte[] value = new byte[1000];
          random.nextBytes(value);
          if (commits) {
            digest.update(value);
            committed++;
          }
          Object unused =
              producer.send(
                  new ProducerRecord<>(partition.topic(), partition.partition(), null, value));
        }
        if (commits) {
          producer.commitTransaction();
        } else {
          producer.flush(); // So that there is something to abort.
          producer.abortTransaction();
        }
      }
    }
    return new Digest(committed, HexFormat.of().formatHex(digest.digest()));
  }

  /**
   * Reads what was committed, from the start to the end there is now.
   *
   * @throws AssertionError if the end does not come in time
   */
  Digest consumeCommitted(Duration atMost) {
    Map<String, Object> settings = new HashMap<>(node.clientSettings());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    MessageDigest digest = sha256();
    long count = 0;
    long deadline = System.nanoTime() + atMost.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      long end = consumer.endOffsets(List.of(partition)).values().iterator().next();
      while (consumer.position(partition) < end) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError(
              "records did not come: position=" + consumer.position(partition) + " end=" + end);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          digest.update(record.value());
          count++;
        }
      }
    }
    return new Digest(count, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
