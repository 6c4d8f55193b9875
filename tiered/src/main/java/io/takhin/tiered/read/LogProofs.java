package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the chunks of a log are proved: by the checksums in the segment's read index, or, for one
 * that has none or whose read index is damaged, by those of a log that was read as a whole and had
 * the receipt's checksum. Nothing less will do: what the store says of an object tells nothing of
 * the bytes that arrive. The proofs of the logs read last are kept, a bounded number of bytes. Any
 * thread.
 */
final class LogProofs {
  private static final Logger LOG = LoggerFactory.getLogger(LogProofs.class);

  /** 4 bytes for each chunk: enough for 512 GiB of logs. */
  private static final long MAX_BYTES = 16 << 20;

  private static final int ENTRY_BYTES = 512;

  private final Format format;
  private final ObjectStore store;
  private final ReadMeters meters;
  private final FetchLanes lanes;
  private final Cache<RemoteFile, ChunkProof> proofs =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((RemoteFile log, ChunkProof proof) -> ENTRY_BYTES + proof.sizeBytes())
          .executor(Runnable::run)
          .build();

  /**
   * Those that are looked up; no more than reads wait for. Beside the cache, which logs each future
   * that fails with its stack: a store that is down is reported elsewhere, once.
   */
  private final ConcurrentMap<RemoteFile, CompletableFuture<ChunkProof>> lookedUp =
      new ConcurrentHashMap<>();

  /** Finds the checksums in what was read. */
  @FunctionalInterface
  interface Format {
    /** That of segments of the catalog. */
    Format READ_INDEX = LogProofs::ofReadIndex;

    /**
     * CRC-32C of each chunk of a log.
     *
     * @param range all of the object that has them; stays the caller's
     * @throws DamagedChunkException if it is something else, or of another log
     */
    int[] checksums(RemoteFile log, RemoteFile proofs, CachedRange range) throws IOException;
  }

  /** Reads all of a small file of a segment. */
  @FunctionalInterface
  interface WholeReader {
    CompletableFuture<CachedRange> read(RemoteFile file);
  }

  LogProofs(Format format, ObjectStore store, FetchLanes lanes, ReadMeters meters) {
    this.format = format;
    this.store = store;
    this.meters = meters;
    this.lanes = lanes;
  }

  /**
   * The proof of a log.
   *
   * @param readIndex of the same segment, or what it has instead; empty where it has none
   * @return shared; a failure is forgotten, so the next call tries anew
   */
  CompletableFuture<ChunkProof> of(
      RemoteFile log, Optional<RemoteFile> readIndex, WholeReader reader) {
    ChunkProof kept = proofs.getIfPresent(log);
    if (kept != null) {
      return CompletableFuture.completedFuture(kept);
    }
    CompletableFuture<ChunkProof> mine = new CompletableFuture<>();
    // Entered first and looked up then: what blocks is never done under the map's lock.
    CompletableFuture<ChunkProof> known = lookedUp.putIfAbsent(log, mine);
    if (known != null) {
      return known;
    }
    CompletableFuture<ChunkProof> unused =
        lookUp(log, readIndex, reader)
            .whenComplete(
                (proof, failure) -> {
                  if (failure == null) {
                    proofs.put(log, proof);
                    lookedUp.remove(log, mine);
                    mine.complete(proof);
                  } else {
                    // Before anybody is told: who then asks again must not meet the failure.
                    lookedUp.remove(log, mine);
                    mine.completeExceptionally(failure);
                  }
                });
    return mine;
  }

  private CompletableFuture<ChunkProof> lookUp(
      RemoteFile log, Optional<RemoteFile> readIndex, WholeReader reader) {
    if (readIndex.isEmpty()) {
      return byReading(log);
    }
    return reader
        .read(readIndex.get())
        .thenApply(range -> checksums(log, readIndex.get(), range))
        .exceptionallyCompose(
            failure ->
                isDamaged(failure) ? byReading(log) : CompletableFuture.failedFuture(failure));
  }

  private static boolean isDamaged(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof DamagedChunkException;
  }

  private ChunkProof checksums(RemoteFile log, RemoteFile proofs, CachedRange range) {
    try (range) {
      return ChunkProof.byChecksums(format.checksums(log, proofs, range));
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static int[] ofReadIndex(RemoteFile log, RemoteFile readIndex, CachedRange range)
      throws IOException {
    ReadIndex layout = layout(log, readIndex, range);
    ByteBuffer packed = ByteBuffer.allocate(layout.chunkCount() * Integer.BYTES);
    range.readFully(layout.checksumsAt(), packed);
    int[] checksums = new int[layout.chunkCount()];
    packed.flip().asIntBuffer().get(checksums);
    return checksums;
  }

  /**
   * Where the parts of a read index lie.
   *
   * @throws DamagedChunkException if it is none, or one of another log
   */
  static ReadIndex layout(RemoteFile log, RemoteFile readIndex, CachedRange range)
      throws IOException {
    try {
      ByteBuffer header = ByteBuffer.allocate(ReadIndex.HEADER_BYTES);
      range.readFully(0, header);
      ReadIndex layout = ReadIndex.parse(header.flip());
      if (layout.logBytes() != log.sizeBytes() || layout.totalBytes() != readIndex.sizeBytes()) {
        throw new IllegalArgumentException(
            "sizes: expected log="
                + log.sizeBytes()
                + " total="
                + readIndex.sizeBytes()
                + ", got log="
                + layout.logBytes()
                + " total="
                + layout.totalBytes());
      }
      return layout;
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      throw new DamagedChunkException(
          readIndex, readIndex.rangeOf(0, 1), "problem=\"" + e.getMessage() + "\"", e);
    }
  }

  /** Reads the log once as a whole, in the background like everything that is fetched. */
  private CompletableFuture<ChunkProof> byReading(RemoteFile log) {
    CompletableFuture<ChunkProof> answer = new CompletableFuture<>();
    FetchLanes.Task reading =
        new FetchLanes.Task() {
          @Override
          public void run() {
            try {
              answer.complete(readWhole(log));
            } catch (Throwable e) {
              answer.completeExceptionally(e);
            }
          }

          @Override
          public void refuse() {
            answer.completeExceptionally(
                new ReadRefusedException(log.segment(), "the archiver is closing"));
          }
        };
    if (!lanes.submit(reading, false)) {
      reading.refuse();
    }
    return answer;
  }

  /** What comes wrong is read once more, as a chunk is. */
  private ChunkProof readWhole(RemoteFile log) throws IOException {
    int[] checksums = new int[log.chunkCount()];
    ChunkSplitter.Receiver receiver =
        new ChunkSplitter.Receiver() {
          @Override
          public SlabStore.@Nullable Slot slotFor(int chunk) {
            return null;
          }

          @Override
          public void came(int chunk, int checksum) {
            checksums[chunk] = checksum;
          }
        };
    ReadMeters.ByTopic topic = meters.of(log.topic());
    String problem = "";
    for (int attempt = 0; attempt < 2; attempt++) {
      ChunkSplitter body =
          new ChunkSplitter(log, 0, checksums.length, receiver, topic.fetchedBytes());
      try {
        topic.demanded().increment();
        store.read(log.key(), 0, log.sizeBytes(), null, body);
        Crc32c whole = Crc32c.EMPTY;
        for (int chunk = 0; chunk < body.chunk(); chunk++) {
          whole = whole.combine(new Crc32c(checksums[chunk]), log.lengthOf(chunk));
        }
        if (body.chunk() == checksums.length && whole.equals(log.checksum())) {
          LOG.debug("log_proved_by_reading segment={}", log.segment());
          return ChunkProof.byChecksums(checksums);
        }
        problem = "expected=" + log.checksum() + " got=" + whole;
      } catch (StoreException.Corrupt e) {
        problem = "problem=\"broken body: " + e.getMessage() + "\"";
      }
    }
    throw new DamagedChunkException(log, log.rangeOf(0, checksums.length), problem, null);
  }
}
