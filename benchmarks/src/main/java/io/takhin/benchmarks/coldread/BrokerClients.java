package io.takhin.benchmarks.coldread;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
  static final TopicPartition COLD = new TopicPartition("cold", 0);
  private static final String LIVE = "live";
  private static final int VALUE_BYTES = 16 << 10;

  /** So little that it is not sealed, although batches are larger than their values. */
  private static final double ACTIVE_SHARE = 0.75;

  private static final int LIVE_BYTES = 1 << 10;
  private static final int LIVE_PER_SECOND = 500;
  private static final int LIVE_SECONDS = 4;
  private static final int PATIENCE_SECONDS = 60;
  private static final double SHARE = 0.99;

  private final String bootstrap;

  BrokerClients(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  /**
   * Fills segments, and most of one more, which stays the active one.
   *
   * @return the last offset that was written
   */
  long fill(int segments, long segmentBytes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(COLD.topic(), 1, (short) 1)
                      .configs(Map.of("segment.bytes", Long.toString(segmentBytes))),
                  new NewTopic(LIVE, 1, (short) 1)))
          .all()
          .get();
    }
    byte[] value = new byte[VALUE_BYTES];
    new Random(1).nextBytes(value);
    long perSegment = segmentBytes / VALUE_BYTES;
    long records = segments * perSegment + (long) (perSegment * ACTIVE_SHARE);
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer = producer(20, 256 << 10)) {
      for (long i = 0; i < records && failure.get() == null; i++) {
        Future<?> unused = // its outcome arrives in the callback
            producer.send(
                new ProducerRecord<>(COLD.topic(), 0, null, value),
                (metadata, exception) -> {
                  if (exception != null) {
                    failure.compareAndSet(null, exception);
                  }
                });
      }
      producer.flush();
    }
    Exception failed = failure.get();
    if (failed != null) {
      throw new IOException("cannot produce to " + COLD, failed);
    }
    return records - 1;
  }

  /** From the moment at which a new consumer that is connected asks, until it has a record. */
  double firstRecordMillis(long offset) throws IOException {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      consumer.assign(List.of(COLD));
      consumer.partitionsFor(COLD.topic()); // So that it is connected and knows the partition.
      consumer.seek(COLD, offset);
      long beganNanos = System.nanoTime();
      ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(PATIENCE_SECONDS));
      double millis = (System.nanoTime() - beganNanos) / 1e6;
      if (records.isEmpty() || records.iterator().next().offset() != offset) {
        throw new IOException("expected the record " + offset + " of " + COLD + ", got another");
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

  /** Sends records at a steady rate for some seconds; until when 99 in 100 were acknowledged. */
  double produceP99Millis() throws IOException {
    List<Double> millis = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    byte[] value = new byte[LIVE_BYTES];
    int count = LIVE_PER_SECOND * LIVE_SECONDS;
    try (KafkaProducer<byte[], byte[]> producer = producer(0, 16 << 10)) {
      producer.partitionsFor(LIVE);
      long beganNanos = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long dueNanos = beganNanos + i * (1_000_000_000L / LIVE_PER_SECOND);
        LockSupport.parkNanos(dueNanos - System.nanoTime());
        Future<?> unused = // its outcome arrives in the callback
            producer.send(
                new ProducerRecord<>(LIVE, 0, null, value),
                (metadata, exception) -> {
                  millis.add((System.nanoTime() - dueNanos) / 1e6);
                  if (exception != null) {
                    failure.compareAndSet(null, exception);
                  }
                });
      }
      producer.flush();
    }
    Exception failed = failure.get();
    if (failed != null) {
      throw new IOException("cannot produce to " + LIVE, failed);
    }
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[(int) (sorted.length * SHARE)];
  }
}
