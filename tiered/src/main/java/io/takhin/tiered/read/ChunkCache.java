package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import io.takhin.tiered.segment.ReadIndex;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chunks on the local disk, and which of them stay.
 *
 * <p>Eviction is Caffeine's W-TinyLFU, weighed in bytes: a chunk that is new has to be asked for
 * more often than the one it would push out, so a scan leaves alone what is read again and again. A
 * chunk that was fetched and not asked for yet would lose that comparison before its reader came;
 * it is therefore <em>staged</em> apart, and takes part from the first reader on, or when more is
 * staged than may be, oldest first. Its arrival does not count as a use: the sketch would otherwise
 * take a scan for twice as popular as it is.
 *
 * <p>Data stays in files and in the page cache; in the heap there are some 200 bytes for each
 * chunk. Any thread; what blocks is disk I/O only, and never under a lock of ours.
 */
final class ChunkCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkCache.class);

  /** How long a comparison with the checksum holds. */
  private static final Duration VERIFIED_FOR = Duration.ofMinutes(1);

  /** Room for so many chunks is made at once, at some 16 bytes each; for more, when they come. */
  private static final long MOST_COUNTED = 1 << 20;

  private static final long LEAST_QUEUED = 1024;

  /** So many times what may be staged comes in before a staged chunk counts as given up. */
  private static final long QUEUED_PER_STAGED = 4;

  private final SlabStore store;
  private final Cache<ChunkKey, Chunk> chunks;
  private final Policy.Eviction<ChunkKey, Chunk> eviction;
  private final long maxStagedBytes;
  private final LongSupplier nanoTime;
  private final ReadMeters meters;
  private final AtomicLong residentBytes = new AtomicLong();

  /**
   * Not asked for yet. Whoever ends a chunk's staging, see {@link Chunk#endStaging}, puts it into
   * {@link #chunks} first and takes it out here then, so that who looks here and there finds it.
   */
  private final ConcurrentMap<ChunkKey, Chunk> staged = new ConcurrentHashMap<>();

  private final AtomicLong stagedBytes = new AtomicLong();

  /**
   * Oldest first; also names those whose staging has ended since. One that has seen so many others
   * arrive that this is full was given up by its reader.
   */
  private final BlockingQueue<Chunk> staging;

  /**
   * @param maxStagedBytes what may be kept for readers who have not come yet
   * @param nanoTime as {@link System#nanoTime}
   */
  ChunkCache(
      SlabStore store,
      long maxBytes,
      long maxStagedBytes,
      LongSupplier nanoTime,
      ReadMeters meters) {
    this.store = store;
    this.maxStagedBytes = maxStagedBytes;
    this.staging =
        new ArrayBlockingQueue<>(
            Math.toIntExact(
                Math.max(
                    LEAST_QUEUED, QUEUED_PER_STAGED * maxStagedBytes / ReadIndex.CHUNK_BYTES)));
    this.nanoTime = nanoTime;
    this.meters = meters;
    this.chunks =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            // Uses are counted from the first one on, and not only once the cache is half full: a
            // set that was read often by then would else be pushed out by the first scan.
            .initialCapacity((int) Math.min(MOST_COUNTED, maxBytes / ReadIndex.CHUNK_BYTES))
            .weigher((ChunkKey key, Chunk chunk) -> chunk.lengthBytes())
            .evictionListener(
                (key, chunk, cause) -> meters.evicted(chunk == null ? null : chunk.readers()))
            .removalListener(
                (key, chunk, cause) -> {
                  if (chunk != null) {
                    left(chunk);
                  }
                })
            .executor(Runnable::run)
            .build();
    this.eviction = chunks.policy().eviction().orElseThrow();
  }

  /** Takes up what an earlier run has left, without reading the chunks. */
  void load() throws IOException {
    store.load(
        (slot, held) -> {
          Chunk chunk = Chunk.found(store, slot, held);
          residentBytes.addAndGet(chunk.lengthBytes());
          Chunk twin = chunks.asMap().putIfAbsent(held.key(), chunk);
          if (twin != null) {
            forgetOnDisk(chunk);
            left(chunk);
          }
        });
    chunks.cleanUp();
    LOG.info("chunk_cache_loaded chunks={} bytes={}", chunks.estimatedSize(), residentBytes());
  }

  /** Called once for each chunk that the cache gives up, whatever for. */
  private void left(Chunk chunk) {
    residentBytes.addAndGet(-chunk.lengthBytes());
    chunk.unpin();
  }

  /**
   * The chunk, pinned, and proved since a minute ago at most; counts as a use. Empty if it has to
   * be fetched: it is not here, or was damaged and is now gone.
   *
   * @param isWhole false for a read that ends within the chunk: who goes on in order asks for it
   *     again at once, so one that is staged stays so
   */
  Optional<Chunk> use(ChunkKey key, boolean isWhole) {
    Chunk early = staged.get(key);
    Chunk chunk = early == null ? chunks.getIfPresent(key) : early;
    if (chunk == null || !chunk.pin()) {
      return Optional.empty();
    }
    if (!isIntact(chunk)) {
      discard(chunk);
      chunk.unpin();
      return Optional.empty();
    }
    if (isWhole) {
      admit(chunk);
    }
    return Optional.of(chunk);
  }

  private boolean isIntact(Chunk chunk) {
    long now = nanoTime.getAsLong();
    if (chunk.isVerifiedSince(now - VERIFIED_FOR.toNanos())) {
      return true;
    }
    try {
      if (chunk.isIntact()) {
        chunk.setVerified(now);
        return true;
      }
      meters.damaged();
      LOG.warn(
          "cached_chunk_damaged file={} position={} bytes={} action=\"none, it is fetched again;"
              + " check the disk if this comes again\"",
          chunk.slab().file(),
          chunk.positionBytes(),
          chunk.lengthBytes());
    } catch (IOException e) {
      LOG.warn(
          "cached_chunk_unreadable file={} position={} problem=\"{}\" action=\"none, it is fetched"
              + " again; check the disk if this comes again\"",
          chunk.slab().file(),
          chunk.positionBytes(),
          e.toString());
    }
    return false;
  }

  /** Whether the chunk is here; no use, and not compared. */
  boolean holds(ChunkKey key) {
    return quietly(key) != null;
  }

  /** Places for chunks that are to be fetched; each is to be {@link #add}ed or given back. */
  List<SlabStore.Slot> places(int count) throws IOException {
    return store.take(count);
  }

  void giveBack(SlabStore.Slot place) {
    store.giveBack(place.slab(), place.index());
  }

  /**
   * Adds a chunk whose bytes lie in the slot and were proved. It is staged: until somebody uses it
   * it is not evicted, as long as there is room for those.
   *
   * @return the chunk, pinned for the caller
   */
  Chunk add(ChunkKey key, SlabStore.Slot place, int lengthBytes, int checksum) throws IOException {
    place.slab().record(new Slab.Held(place.index(), key, lengthBytes, checksum));
    Chunk chunk = Chunk.arrived(key, store, place, lengthBytes, checksum);
    chunk.setVerified(nanoTime.getAsLong());
    boolean pinned = chunk.pin();
    if (!pinned) {
      throw new IllegalStateException("a new chunk is held by the cache");
    }
    residentBytes.addAndGet(lengthBytes);
    stagedBytes.addAndGet(lengthBytes);
    Chunk before = staged.put(key, chunk);
    if (before != null) {
      discard(before);
    }
    while (!staging.offer(chunk)) {
      admitOldest();
    }
    while (stagedBytes.get() > maxStagedBytes && !staging.isEmpty()) {
      admitOldest();
    }
    return chunk;
  }

  /** From now on the chunk takes part in the eviction; nothing happens if it does already. */
  private void admit(Chunk chunk) {
    if (chunk.endStaging()) {
      stagedBytes.addAndGet(-chunk.lengthBytes());
      chunks.put(chunk.key(), chunk);
      staged.remove(chunk.key(), chunk);
    }
  }

  private void admitOldest() {
    Chunk oldest = staging.poll();
    if (oldest != null) {
      admit(oldest);
    }
  }

  /** Gives up a chunk, for good; readers who have it keep it until they are done. */
  void discard(Chunk chunk) {
    boolean gone;
    if (chunk.endStaging()) {
      stagedBytes.addAndGet(-chunk.lengthBytes());
      staged.remove(chunk.key(), chunk);
      left(chunk);
      gone = true;
    } else {
      gone = chunks.asMap().remove(chunk.key(), chunk);
    }
    if (gone) {
      forgetOnDisk(chunk);
    }
  }

  /** Gives up all chunks of an object; one that is just coming in may escape, and ages out. */
  void discard(RemoteFile file) {
    for (int index = 0; index < file.chunkCount(); index++) {
      Chunk chunk = quietly(file.chunk(index));
      if (chunk != null) {
        discard(chunk);
      }
    }
  }

  /** Without counting as a use. */
  private @Nullable Chunk quietly(ChunkKey key) {
    Chunk early = staged.get(key);
    return early == null ? chunks.policy().getIfPresentQuietly(key) : early;
  }

  private static void forgetOnDisk(Chunk chunk) {
    try {
      chunk.erase();
    } catch (IOException e) {
      // The next start takes it up and compares it when it is used, as any other.
      LOG.debug("chunk_not_erased file={}", chunk.slab().file(), e);
    }
  }

  /** Bytes of the chunks that are kept, staged ones included. */
  long residentBytes() {
    return residentBytes.get();
  }

  /** What chunks may take, staged ones apart. */
  long maxBytes() {
    return eviction.getMaximum();
  }

  /** Bytes that were fetched and not asked for yet. */
  long stagedBytes() {
    return stagedBytes.get();
  }

  /** How many chunks are kept. */
  long chunkCount() {
    return chunks.estimatedSize() + staged.size();
  }

  /**
   * Keeps chunks to a new limit, and gives the disk back what it frees. Blocks for the disk.
   *
   * @param maxBytes what chunks may take, staged ones apart
   */
  void limit(long maxBytes) {
    if (eviction.getMaximum() != maxBytes) {
      eviction.setMaximum(maxBytes);
      chunks.cleanUp();
    }
    long wantedBytes = maxBytes + stagedBytes();
    @Nullable Slab emptied = store.trim(wantedBytes);
    if (emptied != null) {
      for (Chunk chunk : chunks.asMap().values()) {
        if (chunk.slab() == emptied) {
          discard(chunk);
        }
      }
      emptied = store.trim(wantedBytes);
      LOG.debug("chunk_cache_trimmed max_bytes={} rest={}", maxBytes, emptied != null);
    }
  }

  /** Bytes on the disk that slots in use take at most. */
  long usedBytes() {
    return store.usedBytes();
  }

  /** Ends; what is cached stays for the next start. */
  @Override
  public void close() {
    store.close();
  }
}
