package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Optional;

/**
 * Chunks that the store could not return as they were archived. Readers of them are told at once,
 * rather than having them fetched twice more each time; after a while they are tried again, since
 * somebody may have repaired the object. Any thread.
 */
final class Quarantine {
  private static final Duration HELD_FOR = Duration.ofMinutes(5);

  /** Beyond that the oldest are tried again sooner. */
  private static final int MAX_CHUNKS = 10_000;

  private final Cache<ChunkKey, DamagedChunkException> chunks;

  Quarantine(Ticker ticker) {
    this.chunks =
        Caffeine.newBuilder()
            .maximumSize(MAX_CHUNKS)
            .expireAfterWrite(HELD_FOR)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  void add(ChunkKey key, DamagedChunkException why) {
    chunks.put(key, why);
  }

  Optional<DamagedChunkException> why(ChunkKey key) {
    return Optional.ofNullable(chunks.getIfPresent(key));
  }

  long size() {
    chunks.cleanUp();
    return chunks.estimatedSize();
  }
}
