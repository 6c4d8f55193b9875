package io.takhin.benchmarks.coldread;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** What Kafka's own clients do to a broker. Any thread. */
final class BrokerClients {
  private static final String LIVE = "live";
  private static final int VALUE_BYTES = 16 << 10;
  private static final int LIVE_BYTES = 1 << 10;
  private static final int LIVE_PER_SECOND = 500;
  private static final int PATIENCE_SECONDS = 60;

  /** Until a new producer is connected, and whoever else has begun has found its pace. */
  private static final int LEAD_IN_SECONDS = 1;

  private final String bootstrap;

  BrokerClients(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  /**
   * Creates the topic with one partition and fills it.
   *
   * @return the last offset that was written
   */
  long fill(String topic, long segmentBytes, long totalBytes) throws Exception {
    create(topic, segmentBytes);
    byte[] value = new byte[VALUE_BYTES];
    new Random(1).nextBytes(value);
    long records = totalBytes / VALUE_BYTES;
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer = producer(20, 256 << 10)) {
      for (long i = 0; i < records && failure.get() == null; i++) {
        Future<?> unused = // its outcome arrives in the callback
            producer.send(
                new ProducerRecord<>(topic, 0, null, value),
                (metadata, exception) -> {
                  if (exception != null) {
                    failure.compareAndSet(null, exception);
                  }
                });
      }
      producer.flush();
    }
    require(topic, failure.get());
    return records - 1;
  }

  private void create(String topic, long segmentBytes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      NewTopic created =
          new NewTopic(topic, 1, (short) 1)
              .configs(Map.of("segment.bytes", Long.toString(segmentBytes)));
      admin.createTopics(List.of(created)).all().get();
    }
  }

  private static void require(String topic, @Nullable Exception failure) throws IOException {
    if (failure != null) {
      throw new IOException("cannot produce to " + topic, failure);
    }
  }

  /** From the moment at which a new consumer that is connected asks, until it has a record. */
  double firstRecordMillis(String topic, long offset) throws IOException {
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      consumer.assign(List.of(partition));
      consumer.partitionsFor(topic); // So that it is connected and knows the partition.
      consumer.seek(partition, offset);
      long beganNanos = System.nanoTime();
      ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(PATIENCE_SECONDS));
      double millis = (System.nanoTime() - beganNanos) / 1e6;
      if (records.isEmpty() || records.iterator().next().offset() != offset) {
        throw new IOException("expected the record " + offset + " of " + topic + ", got another");
      }
      return millis;
    }
  }

  KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "none"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private KafkaProducer<byte[], byte[]> producer(int lingerMillis, int batchBytes) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", bootstrap, "linger.ms", lingerMillis, "batch.size", batchBytes),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** Sends small records at a steady rate for some seconds, and one before that does not count. */
  ProduceTimes produce(int seconds) throws IOException {
    int unmeasured = LIVE_PER_SECOND * LEAD_IN_SECONDS;
    int count = unmeasured + LIVE_PER_SECOND * seconds;
    double[] sentMillis = new double[count];
    double[] doneMillis = new double[count];
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    byte[] value = new byte[LIVE_BYTES];
    try (KafkaProducer<byte[], byte[]> producer = producer(0, 16 << 10)) {
      producer.partitionsFor(LIVE);
      long beganNanos = System.nanoTime();
      for (int i = 0; i < count; i++) {
        int index = i;
        long dueNanos = beganNanos + i * (1_000_000_000L / LIVE_PER_SECOND);
        LockSupport.parkNanos(dueNanos - System.nanoTime());
        sentMillis[i] = (System.nanoTime() - dueNanos) / 1e6;
        Future<?> unused = // its outcome arrives in the callback
            producer.send(
                new ProducerRecord<>(LIVE, 0, null, value),
                (metadata, exception) -> {
                  doneMillis[index] = (System.nanoTime() - dueNanos) / 1e6;
                  if (exception != null) {
                    failure.compareAndSet(null, exception);
                  }
                });
      }
      producer.flush();
    }
    require(LIVE, failure.get());
    return ProduceTimes.of(
        Arrays.copyOfRange(sentMillis, unmeasured, count),
        Arrays.copyOfRange(doneMillis, unmeasured, count));
  }
}
