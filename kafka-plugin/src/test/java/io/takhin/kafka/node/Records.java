package io.takhin.kafka.node;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes to a partition and reads back. Record n has a value of 1,000 random bytes that follows
 * from n and the topic's name, and a time that is {@value #STEP_MILLIS} ms after that of record n -
 * 1.
 */
final class Records {
  static final Duration READ_TIME = Duration.ofMinutes(4);
  private static final int VALUE_BYTES = 1000;
  private static final long STEP_MILLIS = 100;
  private static final long AGE_MILLIS = 3_600_000;

  private final Map<String, Object> clients;
  private final TopicPartition partition;
  private final long firstMillis = System.currentTimeMillis() - AGE_MILLIS;

  /** How far the reader is that reads now. */
  private final AtomicLong position = new AtomicLong();

  private long written;

  Records(Map<String, Object> clients, TopicPartition partition) {
    this.clients = clients;
    this.partition = partition;
  }

  /** A number of records, and a digest over their values in order. */
  record Digest(long count, String sha256) {}

  TopicPartition partition() {
    return partition;
  }

  long timestampMillis(long number) {
    return firstMillis + number * STEP_MILLIS;
  }

  private byte[] value(long number) {
    byte[] value = new byte[VALUE_BYTES];
    new Random(partition.hashCode() * 1_000_003L + number).nextBytes(value);
    return value;
  }

  /** What reading so many records from there on has to give. */
  Digest expected(long from, long count) {
    MessageDigest digest = sha256();
    for (long number = from; number < from + count; number++) {
      digest.update(value(number));
    }
    return new Digest(count, HexFormat.of().formatHex(digest.digest()));
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(clients);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 << 10);
    settings.putAll(more);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void send(KafkaProducer<byte[], byte[]> producer) {
    Object unused =
        producer.send(
            new ProducerRecord<>(
                partition.topic(),
                partition.partition(),
                timestampMillis(written),
                null,
                value(written)));
    written++;
  }

  /** Writes the next ones. */
  void produce(int count) {
    try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
      for (int number = 0; number < count; number++) {
        send(producer);
      }
      producer.flush();
    }
  }

  /**
   * Writes transactions; every second one is aborted after all of it was sent.
   *
   * @return what was committed
   */
  Digest produceTransactions(int transactions, int recordsEach) {
    MessageDigest committed = sha256();
    long count = 0;
    Map<String, Object> transactional =
        Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, partition.topic());
    try (KafkaProducer<byte[], byte[]> producer = producer(transactional)) {
      producer.initTransactions();
      for (int transaction = 0; transaction < transactions; transaction++) {
        producer.beginTransaction();
        long first = written;
        for (int number = 0; number < recordsEach; number++) {
          send(producer);
        }
        if (transaction % 2 == 0) {
          producer.commitTransaction();
          for (long number = first; number < written; number++) {
            committed.update(value(number));
          }
          count += recordsEach;
        } else {
          producer.flush(); // So that there is something to abort.
          producer.abortTransaction();
        }
      }
    }
    return new Digest(count, HexFormat.of().formatHex(committed.digest()));
  }

  private KafkaConsumer<byte[], byte[]> consumer(String isolation) {
    Map<String, Object> settings = new HashMap<>(clients);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(List.of(partition));
    return consumer;
  }

  /**
   * Reads from an offset on, until so many records came.
   *
   * @throws AssertionError if they do not come in time, or leave out an offset
   */
  Digest consume(long fromOffset, long count, Duration atMost) {
    MessageDigest digest = sha256();
    long next = fromOffset;
    long deadline = System.nanoTime() + atMost.toNanos();
    position.set(fromOffset);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_uncommitted")) {
      consumer.seek(partition, fromOffset);
      while (next < fromOffset + count) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError(
              "records did not come: expected=" + count + " got=" + (next - fromOffset));
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          if (next == fromOffset + count) {
            break;
          }
          if (record.offset() != next) {
            throw new AssertionError("expected offset " + next + ", got " + record.offset());
          }
          digest.update(record.value());
          next++;
        }
        position.set(next);
      }
    }
    return new Digest(next - fromOffset, HexFormat.of().formatHex(digest.digest()));
  }

  /** How far {@link #consume} has come. Any thread. */
  long position() {
    return position.get();
  }

  /**
   * Reads what was committed, from the start to the end there is now.
   *
   * @throws AssertionError if the end does not come in time
   */
  Digest consumeCommitted(Duration atMost) {
    MessageDigest digest = sha256();
    long count = 0;
    long deadline = System.nanoTime() + atMost.toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_committed")) {
      consumer.seek(partition, 0);
      long end = Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
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

  /** The first offset whose record is not older. */
  long offsetAt(long timestampMillis) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_uncommitted")) {
      OffsetAndTimestamp first =
          consumer.offsetsForTimes(Map.of(partition, timestampMillis), READ_TIME).get(partition);
      return Objects.requireNonNull(first, "no record is that new").offset();
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
