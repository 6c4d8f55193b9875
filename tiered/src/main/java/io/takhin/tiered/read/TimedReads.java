package io.takhin.tiered.read;

import io.takhin.tiered.segment.ByteRange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of files in the bucket, by chunks. A read asks for its chunks and for what proves them at
 * the same time, waits for both, and is told when its time is over; nothing that was begun for it
 * is given up then. Any thread; nothing blocks.
 */
final class TimedReads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TimedReads.class);

  private final ChunkFetcher fetcher;
  private final ReadMeters meters;
  private final Duration timeout;
  private final ScheduledThreadPoolExecutor timer;
  private final AtomicLong reads = new AtomicLong();

  TimedReads(ChunkFetcher fetcher, ReadMeters meters, Duration timeout) {
    this.fetcher = fetcher;
    this.meters = meters;
    this.timeout = timeout;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "tiered-read-timer");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /**
   * What proves the chunks, which may still be on its way.
   *
   * @param mayComeLater false for one that takes a read of the whole log, which chunks can wait for
   */
  record EarlyProof(CompletableFuture<ChunkProof> proof, boolean mayComeLater) {}

  /** All of a file that is proved as a whole. */
  CompletableFuture<CachedRange> readWhole(RemoteFile file) {
    int sizeBytes = Math.toIntExact(file.sizeBytes());
    return sizeBytes == 0
        ? CompletableFuture.completedFuture(new CachedRange(file.kind(), 0, List.of(), () -> {}))
        : read(
            file,
            new EarlyProof(CompletableFuture.completedFuture(ChunkProof.WHOLE), true),
            new ByteRange(0, sizeBytes),
            sizeBytes);
  }

  /**
   * Reads bytes of a file.
   *
   * @param range within the file, not empty
   * @param minBytes 1 to the length of the range
   */
  CompletableFuture<CachedRange> read(
      RemoteFile file, EarlyProof early, ByteRange range, int minBytes) {
    CompletableFuture<CachedRange> answer = new CompletableFuture<>();
    long number = reads.incrementAndGet();
    PendingRead read =
        new PendingRead(number, fetcher, file, early.proof(), range, minBytes, answer);
    if (early.mayComeLater()) {
      read.start();
    } else {
      CompletableFuture<ChunkProof> unused =
          early
              .proof()
              .whenComplete(
                  (known, failure) -> {
                    if (failure == null) {
                      read.start();
                    } else {
                      answer.completeExceptionally(failure);
                    }
                  });
    }
    if (!answer.isDone()) {
      await(number, file, range, answer);
    }
    return answer;
  }

  private void await(
      long number, RemoteFile file, ByteRange range, CompletableFuture<CachedRange> answer) {
    long began = System.nanoTime();
    ReadMeters.ByTopic topic = meters.of(file.topic());
    Future<?> deadline;
    try {
      deadline =
          timer.schedule(
              () -> expire(file, range, topic, answer), timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(
          new ReadRefusedException(file.segment(), "the archiver is closing"));
      return;
    }
    CompletableFuture<CachedRange> unused =
        answer.whenComplete(
            (done, failure) -> {
              deadline.cancel(false);
              long nanos = System.nanoTime() - began;
              topic.waits().ended(nanos);
              LOG.debug(
                  "cold_read_waited read={} segment={} micros={} outcome={}",
                  number,
                  file.segment(),
                  nanos / 1000,
                  failure == null ? "served" : failure);
            });
  }

  private void expire(
      RemoteFile file,
      ByteRange range,
      ReadMeters.ByTopic topic,
      CompletableFuture<CachedRange> answer) {
    boolean expired =
        answer.completeExceptionally(
            new ReadTimeoutException(
                file.segment(), "kind=" + file.kind() + " range=" + range, timeout));
    if (expired) {
      topic.timeouts().increment();
    }
  }

  /** Reads that wait are refused. */
  @Override
  public void close() {
    timer.shutdownNow();
    fetcher.close();
  }
}
