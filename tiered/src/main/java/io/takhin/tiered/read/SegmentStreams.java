package io.takhin.tiered.read;

import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.read.SegmentIndexes.Section;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves bytes of segments that only the bucket has. A read asks for its chunks and for what proves
 * them at the same time, waits for both, and is told when its time is over; nothing that was begun
 * for it is given up then. Any thread; nothing blocks.
 */
final class SegmentStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentStreams.class);

  private final ChunkFetcher fetcher;
  private final LogProofs proofs;
  private final ReadMeters meters;
  private final Duration timeout;
  private final ScheduledThreadPoolExecutor timer;
  private final AtomicLong reads = new AtomicLong();

  SegmentStreams(ChunkFetcher fetcher, LogProofs proofs, ReadMeters meters, Duration timeout) {
    this.fetcher = fetcher;
    this.proofs = proofs;
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

  /** A segment's objects, as its receipt has them. */
  record Remote(SegmentId id, Receipt receipt, List<RemoteFile> files) {
    Remote(SegmentId id, Receipt receipt) {
      this(id, receipt, receipt.files().stream().map(file -> RemoteFile.of(id, file)).toList());
    }

    Optional<RemoteFile> file(FileKind kind) {
      return files.stream().filter(file -> file.kind() == kind).findFirst();
    }

    RemoteFile log() {
      return file(FileKind.LOG)
          .orElseThrow(() -> new IllegalStateException("receipt without a log: segment=" + id));
    }
  }

  /**
   * Reads bytes of a file.
   *
   * @param positionBytes 0 to the size of the file
   */
  CompletableFuture<CachedRange> read(
      Remote remote, FileKind kind, long positionBytes, int minBytes, int maxBytes) {
    Optional<RemoteFile> file = remote.file(kind);
    if (file.isEmpty()) {
      return CompletableFuture.failedFuture(noSuchFile(remote.id(), kind));
    }
    try {
      ByteRange range = clipped(file.get(), positionBytes, maxBytes);
      int min = (int) Math.min(minBytes, range.lengthBytes());
      return range.isEmpty()
          ? CompletableFuture.completedFuture(
              new CachedRange(kind, positionBytes, List.of(), () -> {}))
          : read(file.get(), proofFor(remote, file.get()), range, Math.max(1, min));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  static ByteRange clipped(RemoteFile file, long positionBytes, int maxBytes) throws IOException {
    if (positionBytes > file.sizeBytes()) {
      throw new IOException(
          "read beyond the end: segment="
              + file.segment()
              + " kind="
              + file.kind()
              + " position="
              + positionBytes
              + " size="
              + file.sizeBytes());
    }
    return new ByteRange(
        positionBytes, positionBytes + Math.min(maxBytes, file.sizeBytes() - positionBytes));
  }

  static NoSuchFileException noSuchFile(SegmentId id, FileKind kind) {
    return new NoSuchFileException(
        kind.fileName(id), null, "segment has no such file: segment=" + id + " kind=" + kind);
  }

  /** What proves the chunks of a file. */
  CompletableFuture<ChunkProof> proof(Remote remote, RemoteFile file) {
    return file.kind() == FileKind.LOG
        ? proofs.of(file, remote.file(FileKind.READINDEX), this::readWhole)
        : CompletableFuture.completedFuture(ChunkProof.WHOLE);
  }

  /** The same, to be asked for before the chunks. */
  private EarlyProof proofFor(Remote remote, RemoteFile file) {
    boolean mayComeLater = file.isProvedWhole() || remote.file(FileKind.READINDEX).isPresent();
    return new EarlyProof(proof(remote, file), mayComeLater);
  }

  /**
   * @param mayComeLater false for one that takes a read of the whole log, which chunks can wait for
   */
  private record EarlyProof(CompletableFuture<ChunkProof> proof, boolean mayComeLater) {}

  private CompletableFuture<CachedRange> readWhole(RemoteFile file) {
    int sizeBytes = Math.toIntExact(file.sizeBytes());
    return sizeBytes == 0
        ? CompletableFuture.completedFuture(new CachedRange(file.kind(), 0, List.of(), () -> {}))
        : read(
            file,
            new EarlyProof(CompletableFuture.completedFuture(ChunkProof.WHOLE), true),
            new ByteRange(0, sizeBytes),
            sizeBytes);
  }

  private CompletableFuture<CachedRange> read(
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

  /** The indexes; the ranges they lie in are closed with them. */
  CompletableFuture<SegmentIndexes> indexes(Remote remote) {
    Optional<RemoteFile> readIndex = remote.file(FileKind.READINDEX);
    if (readIndex.isPresent()) {
      return readWhole(readIndex.get())
          .thenCompose(range -> fromReadIndex(remote, readIndex.get(), range));
    }
    return fromFiles(remote);
  }

  private CompletableFuture<SegmentIndexes> fromReadIndex(
      Remote remote, RemoteFile readIndex, CachedRange range) {
    try {
      ReadIndex layout = LogProofs.layout(remote.log(), readIndex, range);
      return CompletableFuture.completedFuture(
          new SegmentIndexes(
              remote.id(),
              new Section(range, layout.offsetIndexAt(), layout.offsetIndexBytes()),
              new Section(range, layout.timeIndexAt(), layout.timeIndexBytes()),
              List.of(range)));
    } catch (IOException | RuntimeException e) {
      range.close();
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<SegmentIndexes> fromFiles(Remote remote) {
    CompletableFuture<CachedRange> offsets = readIfAny(remote, FileKind.INDEX);
    CompletableFuture<CachedRange> times = readIfAny(remote, FileKind.TIMEINDEX);
    return offsets
        .thenCombine(
            times,
            (offsetIndex, timeIndex) -> SegmentIndexes.of(remote.id(), offsetIndex, timeIndex))
        .whenComplete(
            (indexes, failure) -> {
              if (failure != null) {
                closeWhenThere(offsets);
                closeWhenThere(times);
              }
            });
  }

  private CompletableFuture<CachedRange> readIfAny(Remote remote, FileKind kind) {
    return remote
        .file(kind)
        .map(this::readWhole)
        .orElseGet(
            () -> CompletableFuture.completedFuture(new CachedRange(kind, 0, List.of(), () -> {})));
  }

  private static void closeWhenThere(CompletableFuture<CachedRange> range) {
    CompletableFuture<Void> unused = range.thenAccept(CachedRange::close);
  }

  /** Reads that wait are refused. */
  @Override
  public void close() {
    timer.shutdownNow();
    fetcher.close();
  }
}
