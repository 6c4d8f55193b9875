package io.takhin.broker.demo;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes text into a topic with the ordinary Kafka producer, idempotent as by its defaults. */
final class Producing {
  private static final int ADMIN_TIMEOUT_SECONDS = 30;

  private Producing() {}

  static void createTopic(String bootstrap, String topic, int partitions, long segmentBytes)
      throws IOException {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(config)) {
      NewTopic newTopic =
          new NewTopic(topic, partitions, (short) 1)
              .configs(Map.of("segment.bytes", Long.toString(segmentBytes)));
      Future<Void> created = admin.createTopics(List.of(newTopic)).all();
      created.get(ADMIN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("topic not created: " + topic + " at " + bootstrap, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while creating topic " + topic, e);
    }
  }

  /**
   * Sends lines to the partitions in turn until the given number of bytes has been sent, and waits
   * for the last acknowledgement.
   */
  static RecordDigest run(
      String bootstrap, String topic, int partitions, Corpus corpus, long bytes, Watcher watcher)
      throws IOException {
    Map<String, Object> config =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ProducerConfig.LINGER_MS_CONFIG,
            20,
            ProducerConfig.BATCH_SIZE_CONFIG,
            256 * 1024);
    RecordDigest digest = new RecordDigest(partitions);
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      while (digest.bytes() < bytes && failure.get() == null) {
        byte[] line = corpus.nextLine();
        int partition = (int) (digest.records() % partitions);
        Future<?> unused = // its outcome arrives in the callback
            producer.send(
                new ProducerRecord<>(topic, partition, null, line),
                (metadata, exception) -> {
                  if (exception != null) {
                    failure.compareAndSet(null, exception);
                  }
                });
        digest.add(partition, line);
        watcher.onProgress(digest.bytes());
      }
      producer.flush();
    }
    Exception first = failure.get();
    if (first != null) {
      throw new IOException("produce failed: topic=" + topic + ": " + first.getMessage(), first);
    }
    return digest;
  }

  /** Is told how far it got. Called for each record: has to be cheap. */
  @FunctionalInterface
  interface Watcher {
    void onProgress(long bytes);
  }
}
