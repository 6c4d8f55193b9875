package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.takhin.tiered.segment.SegmentId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Chunks that the store could not return as they were archived. Readers of them are told at once,
 * rather than having them fetched twice more each time; after a while they are tried again, since
 * somebody may have repaired the object. Any thread.
 */
final class Quarantine {
  private static final Duration HELD_FOR = Duration.ofMinutes(5);

  /** Beyond that the oldest are tried again sooner. */
  private static final int MAX_CHUNKS = 10_000;

  private final Cache<ChunkKey, Damage> chunks;
  private final Ticker ticker;

  private record Damage(DamagedChunkException why, long sinceMillis) {}

  Quarantine(Ticker ticker) {
    this.ticker = ticker;
    this.chunks =
        Caffeine.newBuilder()
            .maximumSize(MAX_CHUNKS)
            .expireAfterWrite(HELD_FOR)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  void add(ChunkKey key, DamagedChunkException why) {
    chunks.put(key, new Damage(why, TimeUnit.NANOSECONDS.toMillis(ticker.read())));
  }

  Optional<DamagedChunkException> why(ChunkKey key) {
    return Optional.ofNullable(chunks.getIfPresent(key)).map(Damage::why);
  }

  /** The segments that chunks belong to. */
  List<DamagedSegment> segments() {
    Map<SegmentId, DamagedSegment> segments = new TreeMap<>();
    for (Damage damage : chunks.asMap().values()) {
      SegmentId id = damage.why.segment();
      segments.merge(
          id,
          new DamagedSegment(id, String.valueOf(damage.why.getMessage()), damage.sinceMillis, 1),
          Quarantine::both);
    }
    return List.copyOf(segments.values());
  }

  private static DamagedSegment both(DamagedSegment one, DamagedSegment other) {
    DamagedSegment first = one.sinceMillis() <= other.sinceMillis() ? one : other;
    return new DamagedSegment(
        first.id(), first.reason(), first.sinceMillis(), one.chunks() + other.chunks());
  }

  /** Has the segment's chunks tried again by the next reader. */
  void forget(SegmentId id) {
    chunks.asMap().values().removeIf(damage -> damage.why.segment().equals(id));
  }

  long size() {
    chunks.cleanUp();
    return chunks.estimatedSize();
  }
}
