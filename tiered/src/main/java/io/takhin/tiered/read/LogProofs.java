package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the chunks of a log are proved: by the checksums in the segment's read index, or, for one
 * that has none or whose read index is damaged, by the ETag of an object that as a whole is the
 * right one. The proofs of the logs read last are kept, a bounded number of bytes. Any thread.
 */
final class LogProofs {
  private static final Logger LOG = LoggerFactory.getLogger(LogProofs.class);

  /** 4 bytes for each chunk: enough for 512 GiB of logs. */
  private static final long MAX_BYTES = 16 << 20;

  private static final int ENTRY_BYTES = 512;

  private final ObjectVerifier verifier;
  private final FetchLanes lanes;
  private final AsyncCache<RemoteFile, ChunkProof> proofs =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((RemoteFile log, ChunkProof proof) -> ENTRY_BYTES + proof.sizeBytes())
          .executor(Runnable::run)
          .buildAsync();

  /** Reads all of a small file of a segment. */
  @FunctionalInterface
  interface WholeReader {
    CompletableFuture<CachedRange> read(RemoteFile file);
  }

  LogProofs(ObjectVerifier verifier, FetchLanes lanes) {
    this.verifier = verifier;
    this.lanes = lanes;
  }

  /**
   * The proof of a log.
   *
   * @param readIndex of the same segment, where it has one
   * @return shared; a failure is forgotten, so the next call tries anew
   */
  CompletableFuture<ChunkProof> of(
      RemoteFile log, Optional<RemoteFile> readIndex, WholeReader reader) {
    CompletableFuture<ChunkProof> mine = new CompletableFuture<>();
    // Entered first and looked up then: what blocks is never done under the cache's lock.
    CompletableFuture<ChunkProof> known = proofs.asMap().putIfAbsent(log, mine);
    if (known != null) {
      return known;
    }
    CompletableFuture<ChunkProof> unused =
        lookUp(log, readIndex, reader)
            .whenComplete(
                (proof, failure) -> {
                  if (failure == null) {
                    mine.complete(proof);
                  } else {
                    // Before anybody is told: who then asks again must not meet the failure.
                    proofs.asMap().remove(log, mine);
                    mine.completeExceptionally(failure);
                  }
                });
    return mine;
  }

  private CompletableFuture<ChunkProof> lookUp(
      RemoteFile log, Optional<RemoteFile> readIndex, WholeReader reader) {
    if (readIndex.isEmpty()) {
      return byEtag(log);
    }
    return reader
        .read(readIndex.get())
        .thenApply(range -> checksums(log, readIndex.get(), range))
        .exceptionallyCompose(
            failure -> isDamaged(failure) ? byEtag(log) : CompletableFuture.failedFuture(failure));
  }

  private static boolean isDamaged(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof DamagedChunkException;
  }

  private static ChunkProof checksums(RemoteFile log, RemoteFile readIndex, CachedRange range) {
    try (range) {
      ReadIndex layout = layout(log, readIndex, range);
      ByteBuffer packed = ByteBuffer.allocate(layout.chunkCount() * Integer.BYTES);
      range.readFully(layout.checksumsAt(), packed);
      int[] checksums = new int[layout.chunkCount()];
      packed.flip().asIntBuffer().get(checksums);
      return ChunkProof.byChecksums(checksums);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
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

  /** Asks the store for the object as a whole. */
  private CompletableFuture<ChunkProof> byEtag(RemoteFile log) {
    CompletableFuture<ChunkProof> answer = new CompletableFuture<>();
    FetchLanes.Task head =
        new FetchLanes.Task() {
          @Override
          public void run() {
            try {
              ObjectProof whole = new ObjectProof(log.key(), log.sizeBytes(), log.checksum());
              String etag = verifier.verify(whole).etag();
              LOG.debug("log_proved_by_etag segment={} etag={}", log.segment(), etag);
              answer.complete(ChunkProof.byEtag(etag));
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
    if (!lanes.submit(head, false)) {
      head.refuse();
    }
    return answer;
  }
}
