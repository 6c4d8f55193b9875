package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.store.ObjectStore;
import java.io.IOException;
import java.time.Clock;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;

/** What fetches, proves and keeps chunks, put together, with one cache and one set of threads. */
final class ChunkParts implements AutoCloseable {
  /** What has come is kept until its readers have had a turn, also without read-ahead. */
  private static final long LEAST_STAGED_BYTES = 16 << 20;

  final ReadMeters meters;
  final ChunkCache cache;
  final ChunkFetcher fetcher;
  final TimedReads reads;
  final LogProofs proofs;
  final Quarantine quarantine;

  private final ChunkReadOptions options;
  private final Ticker ticker;

  /** Nothing is read before {@link #start}. */
  ChunkParts(
      ChunkReadOptions options,
      LogProofs.Format format,
      ObjectStore store,
      MeterRegistry registry,
      Clock clock) {
    this.options = options;
    this.meters = new ReadMeters(registry);
    this.ticker = () -> TimeUnit.MILLISECONDS.toNanos(clock.millis());
    SlabStore slabs = new SlabStore(options.chunkDir(), options.cacheBytes());
    this.cache =
        new ChunkCache(
            slabs,
            options.cacheBytes(),
            Math.max(LEAST_STAGED_BYTES, options.readAheadBytes()),
            ticker::read,
            meters);
    FetchLanes lanes = new FetchLanes("tiered-read", options.parallelism());
    this.quarantine = new Quarantine(ticker);
    this.fetcher = new ChunkFetcher(store, cache, lanes, quarantine, meters);
    this.proofs = new LogProofs(format, store, lanes, meters);
    this.reads = new TimedReads(fetcher, meters, options.timeout());
    gauges();
  }

  private void gauges() {
    meters.gauge("cache.bytes", "Cached chunks of cold segments", cache::residentBytes);
    meters.gauge("staged.bytes", "Of those, fetched and not asked for yet", cache::stagedBytes);
    meters.gauge("chunks.under.way", "Chunks that are being fetched", fetcher::underWay);
    meters.gauge(
        "chunks.quarantined",
        "Chunks that the store could not return as they were archived",
        quarantine::size);
  }

  /** Reading ahead in logs that the source knows. */
  ReadAhead readAhead(ReadAhead.Source source) {
    return new ReadAhead(options.readAheadBytes(), fetcher, source, ticker);
  }

  /** Takes up what an earlier run has cached. */
  void start() throws IOException {
    cache.load();
  }

  ReadStats stats() {
    SortedMap<String, ReadCosts> byTopic = meters.costs();
    return new ReadStats(
        byTopic.values().stream().reduce(ReadCosts.NONE, ReadCosts::plus),
        byTopic,
        cache.residentBytes(),
        cache.maxBytes(),
        quarantine.size(),
        fetcher.underWay());
  }

  /** Ends reads that wait; what is cached stays for the next start. */
  @Override
  public void close() {
    meters.close();
    reads.close();
    cache.close();
  }
}
