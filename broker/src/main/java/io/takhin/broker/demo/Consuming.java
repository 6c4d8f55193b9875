package io.takhin.broker.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic from offset 0 to its end with the ordinary Kafka consumer. */
final class Consuming {
  private static final Duration POLL = Duration.ofMillis(500);

  private Consuming() {}

  /**
   * Reads everything that was there when it began.
   *
   * @param patience how long to wait for a next record before giving up
   */
  static RecordDigest run(
      String bootstrap, String topic, int partitions, Duration patience, Producing.Watcher watcher)
      throws IOException {
    Map<String, Object> config =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none");
    List<TopicPartition> assigned =
        IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
    RecordDigest digest = new RecordDigest(partitions);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(assigned);
      long remaining =
          consumer.endOffsets(assigned).values().stream().mapToLong(Long::longValue).sum();
      assigned.forEach(partition -> consumer.seek(partition, 0));
      long lastNanos = System.nanoTime();
      while (remaining > 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          digest.add(record.partition(), record.value());
          remaining--;
          lastNanos = System.nanoTime();
        }
        watcher.onProgress(digest.bytes());
        if (System.nanoTime() - lastNanos > patience.toNanos()) {
          throw new IOException(
              "no record for "
                  + patience.toSeconds()
                  + " s: topic="
                  + topic
                  + " read="
                  + digest.records()
                  + " missing="
                  + remaining);
        }
      }
    }
    return digest;
  }
}
