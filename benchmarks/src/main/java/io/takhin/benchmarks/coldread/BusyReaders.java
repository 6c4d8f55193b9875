package io.takhin.benchmarks.coldread;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Consumers that read as fast as they can, each from another offset on, in a circle. */
final class BusyReaders implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  private final ExecutorService threads;
  private final List<Future<?>> running = new ArrayList<>();
  private final AtomicLong bytes = new AtomicLong();
  private final long beganNanos = System.nanoTime();
  private volatile boolean isEnding;

  private BusyReaders(int count) {
    this.threads = Executors.newFixedThreadPool(count);
  }

  /**
   * @param offsets in order; the last is not read
   */
  static BusyReaders start(BrokerClients clients, int count, List<Long> offsets) {
    BusyReaders readers = new BusyReaders(count);
    long first = offsets.get(0);
    long end = offsets.get(offsets.size() - 1);
    for (int i = 0; i < count; i++) {
      long start = offsets.get(i * (offsets.size() - 1) / count);
      readers.running.add(readers.threads.submit(() -> readers.read(clients, start, first, end)));
    }
    return readers;
  }

  private void read(BrokerClients clients, long start, long first, long end) {
    try (KafkaConsumer<byte[], byte[]> consumer = clients.consumer()) {
      consumer.assign(List.of(BrokerClients.COLD));
      consumer.seek(BrokerClients.COLD, start);
      while (!isEnding) {
        for (ConsumerRecord<byte[], byte[]> one : consumer.poll(POLL)) {
          bytes.addAndGet(one.serializedValueSize());
        }
        if (consumer.position(BrokerClients.COLD) >= end) {
          consumer.seek(BrokerClients.COLD, first);
        }
      }
    }
  }

  /** Since the start. */
  double megabytesPerSecond() {
    return bytes.get() / 1e6 / ((System.nanoTime() - beganNanos) / 1e9);
  }

  /**
   * @throws IOException if one of them could not go on
   */
  @Override
  public void close() throws IOException {
    isEnding = true;
    threads.shutdown();
    try {
      for (Future<?> each : running) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a reader failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
