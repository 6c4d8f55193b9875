package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.read.TimedReads.EarlyProof;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.ObjectProof;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads logs that lie in the bucket and that no catalog knows, the way cold segments are read: in
 * chunks, each proved when it arrives, cached on the local disk, fetched once however many ask, and
 * ahead of readers who go through in order. For embedders with a record of their own of what is in
 * the bucket.
 *
 * <p>A log comes with a second object, which has the checksums of its chunks somewhere in it. That
 * one is small, is always fetched whole, and is asked for together with the first data. Its other
 * contents are the embedder's own.
 *
 * <p>Any thread. No method blocks for the store; dependents of the futures may run on threads of
 * the archiver and must not block. The futures fail with
 *
 * <ul>
 *   <li>{@link ReadTimeoutException} and {@link ReadRefusedException}: ask again later; what was
 *       begun goes on, and serves the retry
 *   <li>{@link DamagedChunkException}: these bytes cannot be had now; others can
 *   <li>{@link io.takhin.tiered.store.StoreException} and other {@link IOException}s
 * </ul>
 */
public final class ObjectReads implements AutoCloseable {
  /** Logs whose proofs are remembered for what is read ahead; some 300 bytes each. */
  private static final long MAX_KNOWN = 100_000;

  private static final long MAX_NAMED = 1024;

  private final ChunkParts parts;
  private final ReadAhead readAhead;
  private final Following following;

  /** Of the logs read last: the names of their chunks cost more than many a read. */
  private final Cache<ProvedLog, Files> files =
      Caffeine.newBuilder().maximumSize(MAX_NAMED).executor(Runnable::run).build();

  /** Under the name that the chunks have, so that what is read ahead finds its proof. */
  private final Cache<RemoteFile, ProvedLog> known =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).executor(Runnable::run).build();

  /**
   * A log in the bucket.
   *
   * @param segment names it in messages and meters; its partition tells which reads continue each
   *     other
   * @param proofs the object with the checksums of its chunks of {@link ReadIndex#CHUNK_BYTES}
   */
  public record ProvedLog(SegmentId segment, ObjectProof log, ObjectProof proofs) {}

  /** Both objects under the names of their chunks. */
  private record Files(RemoteFile log, RemoteFile proofs) {}

  /** Finds the checksums in the second object. */
  @FunctionalInterface
  public interface ProofFormat {
    /**
     * CRC-32C of each chunk of the log, in order.
     *
     * @param proofs all of the object, proved; stays the caller's
     * @throws IllegalArgumentException if it is not the object of that log
     */
    int[] checksums(ProvedLog log, CachedRange proofs) throws IOException;
  }

  /** Tells what comes after a log, for readers who go through in order. */
  @FunctionalInterface
  public interface Following {
    /** The next log of the partition, if it is known; does not block. */
    Optional<ProvedLog> after(ProvedLog log);
  }

  /**
   * Nothing is read before {@link #start}.
   *
   * @param store stays the caller's
   */
  public ObjectReads(
      ChunkReadOptions options,
      ProofFormat format,
      Following following,
      ObjectStore store,
      MeterRegistry registry,
      Clock clock) {
    this.following = following;
    this.parts =
        new ChunkParts(
            options,
            (log, proofs, range) -> checksums(format, log, proofs, range),
            store,
            registry,
            clock);
    this.readAhead = parts.readAhead(new KnownLogs());
  }

  /** Takes up what an earlier run has cached. */
  public void start() throws IOException {
    parts.start();
  }

  /**
   * Reads bytes of a log.
   *
   * @param positionBytes of the first byte, 0 to the size of the log
   * @param minBytes how many to wait for, 0 or more; fewer come only at the end
   * @param maxBytes how many at most, {@code minBytes} or more, and 1 or more
   * @return to be closed by the caller
   */
  public CompletableFuture<CachedRange> read(
      ProvedLog log, long positionBytes, int minBytes, int maxBytes) {
    Files both = remember(log);
    RemoteFile file = both.log();
    try {
      ByteRange range = SegmentStreams.clipped(file, positionBytes, maxBytes);
      if (range.isEmpty()) {
        return CompletableFuture.completedFuture(
            new CachedRange(FileKind.LOG, positionBytes, List.of(), () -> {}));
      }
      int min = (int) Math.max(1, Math.min(minBytes, range.lengthBytes()));
      CompletableFuture<CachedRange> answer =
          parts.reads.read(file, new EarlyProof(proof(both), true), range, min);
      boolean unused = readAhead.onRead(file, range);
      return answer;
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** All of the object with the checksums, to be closed by the caller. */
  public CompletableFuture<CachedRange> proofs(ProvedLog log) {
    return parts.reads.readWhole(remember(log).proofs());
  }

  /** Gives up what is cached of a log that is gone. Blocks for the disk. */
  public void forget(ProvedLog log) {
    Files both = filesOf(log);
    files.invalidate(log);
    known.invalidate(both.log());
    parts.cache.discard(both.log());
    parts.cache.discard(both.proofs());
  }

  /** What reads have cost since the start, and what is cached now. */
  public ReadStats stats() {
    return parts.stats();
  }

  private Files remember(ProvedLog log) {
    Files both = filesOf(log);
    known.put(both.log(), log);
    return both;
  }

  private Files filesOf(ProvedLog log) {
    Files named = files.getIfPresent(log);
    if (named != null) {
      return named;
    }
    Files both =
        new Files(file(log, FileKind.LOG, log.log()), file(log, FileKind.READINDEX, log.proofs()));
    files.put(log, both);
    return both;
  }

  private static RemoteFile file(ProvedLog log, FileKind kind, ObjectProof object) {
    return RemoteFile.of(
        log.segment(), new ArchivedFile(kind, object.key(), object.sizeBytes(), object.checksum()));
  }

  private CompletableFuture<ChunkProof> proof(Files both) {
    return parts.proofs.of(both.log(), Optional.of(both.proofs()), parts.reads::readWhole);
  }

  private int[] checksums(ProofFormat format, RemoteFile log, RemoteFile proofs, CachedRange range)
      throws IOException {
    try {
      ProvedLog whose = known.getIfPresent(log);
      if (whose == null) {
        throw new IllegalArgumentException("forgotten meanwhile");
      }
      int[] checksums = format.checksums(whose, range);
      if (checksums.length != log.chunkCount()) {
        throw new IllegalArgumentException(
            "number of checksums: expected " + log.chunkCount() + ", got " + checksums.length);
      }
      return checksums;
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      throw new DamagedChunkException(
          proofs, proofs.rangeOf(0, 1), "problem=\"" + e.getMessage() + "\"", e);
    }
  }

  /** What the embedder knows of logs that follow each other. */
  private final class KnownLogs implements ReadAhead.Source {
    @Override
    public CompletableFuture<ChunkProof> proof(RemoteFile log) {
      ProvedLog whose = known.getIfPresent(log);
      return whose == null
          ? CompletableFuture.failedFuture(
              new ReadRefusedException(log.segment(), "it was forgotten meanwhile"))
          : ObjectReads.this.proof(filesOf(whose));
    }

    @Override
    public Optional<RemoteFile> next(RemoteFile log) {
      return Optional.ofNullable(known.getIfPresent(log))
          .flatMap(following::after)
          .map(ObjectReads.this::remember)
          .map(Files::log);
    }
  }

  /** Ends reads that wait; what is cached stays for the next start. */
  @Override
  public void close() {
    parts.close();
  }
}
