package io.takhin.benchmarks.coldread;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Consumers of one partition, each from another offset on, in a circle. */
final class BusyReaders implements Load {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long START_SECONDS = 30;

  private final ExecutorService threads;
  private final TopicPartition partition;
  private final long bytesPerSecond;
  private final List<Future<?>> running = new ArrayList<>();
  private final AtomicLong bytes = new AtomicLong();
  private final CountDownLatch reading;
  private long beganNanos;
  private long beganBytes;
  private volatile boolean isEnding;

  private BusyReaders(int count, TopicPartition partition, long bytesPerSecond) {
    this.threads = Executors.newFixedThreadPool(count);
    this.partition = partition;
    this.bytesPerSecond = bytesPerSecond;
    this.reading = new CountDownLatch(count);
  }

  /**
   * Returns when each of them has got its first records, so that nobody is measured beside clients
   * that are only being made.
   *
   * @param bytesPerSecond what each reads at most, as one does that does something with its records
   *     or is reached by a network; 0 for as fast as it can
   * @param offsets in order; the last is not read
   */
  static BusyReaders start(
      BrokerClients clients, String topic, int count, long bytesPerSecond, List<Long> offsets)
      throws IOException {
    BusyReaders readers = new BusyReaders(count, new TopicPartition(topic, 0), bytesPerSecond);
    long first = offsets.get(0);
    long end = offsets.get(offsets.size() - 1);
    for (int i = 0; i < count; i++) {
      long start = offsets.get(i * (offsets.size() - 1) / count);
      readers.running.add(readers.threads.submit(() -> readers.read(clients, start, first, end)));
    }
    readers.awaitFirst();
    return readers;
  }

  private void awaitFirst() throws IOException {
    try {
      if (!reading.await(START_SECONDS, TimeUnit.SECONDS)) {
        close();
        throw new IOException("no records within " + START_SECONDS + " s: partition=" + partition);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    beganNanos = System.nanoTime();
    beganBytes = bytes.get();
  }

  private void read(BrokerClients clients, long start, long first, long end) {
    try (KafkaConsumer<byte[], byte[]> consumer = clients.consumer()) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, start);
      long dueNanos = System.nanoTime();
      boolean isFirst = true;
      while (!isEnding) {
        long got = 0;
        for (ConsumerRecord<byte[], byte[]> one : consumer.poll(POLL)) {
          got += one.serializedValueSize();
        }
        bytes.addAndGet(got);
        if (isFirst && got > 0) {
          isFirst = false;
          reading.countDown();
        }
        if (consumer.position(partition) >= end) {
          consumer.seek(partition, first);
        }
        if (bytesPerSecond > 0) {
          dueNanos += got * 1_000_000_000 / bytesPerSecond;
          LockSupport.parkNanos(dueNanos - System.nanoTime());
        }
      }
    }
  }

  @Override
  public double megabytesPerSecond() {
    return (bytes.get() - beganBytes) / 1e6 / ((System.nanoTime() - beganNanos) / 1e9);
  }

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
