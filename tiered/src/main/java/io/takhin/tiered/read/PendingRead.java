package io.takhin.tiered.read;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.read.CachedRange.Region;
import io.takhin.tiered.segment.ByteRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader's wait for its chunks: answered as soon as the first {@code minBytes} are here, with
 * all that follows them without a gap, up to what was asked for.
 *
 * <p>It keeps what it has until it is answered or given up; after that, what still arrives stays in
 * the cache for the next read. Chunks arrive on any thread; the answer is completed outside of the
 * lock.
 */
final class PendingRead {
  private static final Logger LOG = LoggerFactory.getLogger(PendingRead.class);

  private final long number;
  private final ChunkFetcher fetcher;
  private final RemoteFile file;
  private final CompletableFuture<ChunkProof> proof;
  private final ByteRange range;
  private final int minBytes;
  private final int firstChunk;
  private final int chunkCount;
  private final CompletableFuture<CachedRange> answer;

  /** Pinned; of chunk {@code firstChunk + i}. */
  @GuardedBy("this")
  private final @Nullable Chunk[] chunks;

  /** Chunks before this one may still come. */
  @GuardedBy("this")
  private int limit;

  @GuardedBy("this")
  private boolean ended;

  /**
   * @param number tells the parts of this read in the log
   * @param proof may still be on its way
   * @param range within the file, not empty
   * @param minBytes 1 to the length of the range
   */
  PendingRead(
      long number,
      ChunkFetcher fetcher,
      RemoteFile file,
      CompletableFuture<ChunkProof> proof,
      ByteRange range,
      int minBytes,
      CompletableFuture<CachedRange> answer) {
    this.number = number;
    this.fetcher = fetcher;
    this.file = file;
    this.proof = proof;
    this.range = range;
    this.minBytes = minBytes;
    this.answer = answer;
    this.firstChunk = RemoteFile.chunkAt(range.startBytes());
    int end = RemoteFile.chunkAt(range.endBytes() - 1) + 1;
    this.chunkCount = end - firstChunk;
    this.chunks = new @Nullable Chunk[chunkCount];
    this.limit = chunkCount;
  }

  /** Takes what is here and has the rest fetched. */
  void start() {
    List<ChunkFetcher.Wanted> wanted =
        fetcher.want(file, proof, firstChunk, firstChunk + chunkCount, range.endBytes());
    int here = 0;
    for (int i = 0; i < wanted.size(); i++) {
      Optional<Chunk> chunk = wanted.get(i).chunk();
      if (chunk.isPresent()) {
        here++;
        keep(i, chunk.get());
      }
    }
    ReadMeters.ByTopic meters = fetcher.meters().of(file.topic());
    meters.hits().add(here);
    meters.misses().add(wanted.size() - here);
    LOG.debug(
        "cold_read read={} segment={} kind={} range={} min_bytes={} chunks_here={} chunks_missing={}",
        number,
        file.segment(),
        file.kind(),
        range,
        minBytes,
        here,
        wanted.size() - here);
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i).chunk().isEmpty()) {
        await(i, wanted.get(i).arrival());
      }
    }
    settle();
  }

  private void await(int i, CompletableFuture<Optional<Chunk>> arrival) {
    CompletableFuture<Optional<Chunk>> unused =
        arrival.whenComplete(
            (chunk, failure) -> {
              if (failure == null) {
                arrived(i, chunk);
              } else {
                failed(i, failure);
              }
            });
  }

  private void arrived(int i, Optional<Chunk> arrived) {
    synchronized (this) {
      if (ended) {
        return; // It stays staged for the next read.
      }
    }
    int index = firstChunk + i;
    Optional<Chunk> chunk = fetcher.taken(file, index, range.endBytes(), arrived);
    if (chunk.isPresent()) {
      keep(i, chunk.get());
      settle();
    } else {
      ChunkFetcher.Wanted again =
          fetcher.want(file, proof, index, index + 1, range.endBytes()).get(0);
      if (again.chunk().isPresent()) {
        keep(i, again.chunk().get());
        settle();
      } else {
        await(i, again.arrival());
      }
    }
  }

  private void keep(int i, Chunk pinned) {
    synchronized (this) {
      if (!ended) {
        chunks[i] = pinned;
        return;
      }
    }
    pinned.unpin();
  }

  /** What lies before the failed chunk can still be enough. */
  private void failed(int i, Throwable why) {
    boolean enough;
    synchronized (this) {
      limit = Math.min(limit, i);
      enough = bytesOf(limit) >= minBytes;
    }
    if (enough) {
      settle();
    } else {
      giveUp(why);
    }
  }

  /** Answers if there is enough. */
  private void settle() {
    List<Chunk> mine = new ArrayList<>();
    List<Chunk> rest = new ArrayList<>();
    synchronized (this) {
      int ready = 0;
      while (ready < limit && chunks[ready] != null) {
        ready++;
      }
      if (ended || bytesOf(ready) < minBytes) {
        return;
      }
      ended = true;
      takeAll(ready, mine, rest);
    }
    rest.forEach(Chunk::unpin);
    answer(mine);
  }

  /** How many bytes of the range the first chunks have. */
  @GuardedBy("this")
  private long bytesOf(int count) {
    return count == 0
        ? 0
        : Math.min(range.endBytes(), RemoteFile.startOf(firstChunk + count)) - range.startBytes();
  }

  /** Those before the given one, and the others. */
  @GuardedBy("this")
  private void takeAll(int count, List<Chunk> before, List<Chunk> others) {
    for (int i = 0; i < chunks.length; i++) {
      Chunk chunk = chunks[i];
      chunks[i] = null;
      if (chunk != null) {
        (i < count ? before : others).add(chunk);
      }
    }
  }

  private void answer(List<Chunk> mine) {
    Runnable release = () -> mine.forEach(Chunk::unpin);
    try {
      CachedRange cached = new CachedRange(file.kind(), range.startBytes(), regions(mine), release);
      fetcher.meters().of(file.topic()).servedBytes().add(cached.lengthBytes());
      if (!answer.complete(cached)) {
        cached.close(); // The reader has gone.
      }
    } catch (IOException | RuntimeException e) {
      release.run();
      answer.completeExceptionally(e);
    }
  }

  /** Where the bytes are; chunks in slots beside each other make one region. */
  private List<Region> regions(List<Chunk> mine) throws IOException {
    List<Region> regions = new ArrayList<>();
    for (int i = 0; i < mine.size(); i++) {
      Chunk chunk = mine.get(i);
      long startOfChunk = RemoteFile.startOf(firstChunk + i);
      int skip = (int) Math.max(0, range.startBytes() - startOfChunk);
      int end = (int) Math.min(chunk.lengthBytes(), range.endBytes() - startOfChunk);
      Region next = new Region(chunk.channel(), chunk.positionBytes() + skip, end - skip, true);
      Region last = regions.isEmpty() ? null : regions.get(regions.size() - 1);
      if (last != null
          && last.channel() == next.channel()
          && last.positionBytes() + last.lengthBytes() == next.positionBytes()) {
        regions.set(
            regions.size() - 1,
            new Region(
                last.channel(),
                last.positionBytes(),
                last.lengthBytes() + next.lengthBytes(),
                true));
      } else {
        regions.add(next);
      }
    }
    return regions;
  }

  /** Lets go what has come and tells the reader why; nothing happens if it was answered. */
  void giveUp(Throwable why) {
    List<Chunk> held = new ArrayList<>();
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      takeAll(chunks.length, held, held);
    }
    held.forEach(Chunk::unpin);
    LOG.debug("cold_read_given_up read={} segment={} why=\"{}\"", number, file.segment(), why);
    answer.completeExceptionally(why);
  }
}
