package io.takhin.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.kafka.config.PluginConfig;
import io.takhin.kafka.copy.SegmentCopier;
import io.takhin.kafka.delete.Reaper;
import io.takhin.kafka.fetch.SegmentFetcher;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.ledger.Ledger;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.guarded.GuardedStore;
import io.takhin.tiered.store.metered.MeteredStore;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.store.throttled.ThrottledStore;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

/** The parts and their threads, put together; closed in the order in which they depend. */
final class Machinery implements AutoCloseable {
  /** A request that was given up is done by then, or never. */
  private static final Duration LATE_REQUESTS = Duration.ofMinutes(5);

  final PluginConfig config;
  final Ledger ledger;
  final Reaper reaper;
  final SegmentCopier copier;
  final SegmentFetcher fetcher;
  final TransferEngine engine;
  final MeteredStore metered;
  final RateLimits limits;
  final Calls calls;

  private final DataDir dataDir;
  private final ObjectStore store;

  private Machinery(
      PluginConfig config, DataDir dataDir, ObjectStore store, MeterRegistry meters, Clock clock) {
    this.config = config;
    this.dataDir = dataDir;
    this.ledger = dataDir.ledger();
    this.calls = new Calls(meters);
    this.limits =
        new RateLimits(config.uploadLimitBytesPerSecond(), config.downloadLimitBytesPerSecond());
    this.metered = new MeteredStore(store, meters, clock);
    // Outside of what measures, so that the time of a request is not that of its waiting.
    GuardedStore guarded =
        new GuardedStore(new ThrottledStore(metered, limits), ObjectStem.probe(config.prefix()));
    this.store = guarded;
    this.engine = new TransferEngine(this.store, config.transfer(), meters, clock);
    this.fetcher =
        new SegmentFetcher(config.fetching(), config.storing().keys(), this.store, meters, clock);
    this.reaper =
        new Reaper(
            this.store,
            ledger,
            config.deleting().parallelism(),
            config.deleting().retryPause(),
            LATE_REQUESTS,
            meters);
    guarded.onAnswer(reaper::storeAnswers);
    this.copier =
        new SegmentCopier(
            this.store,
            engine,
            ledger,
            reaper::undo,
            new SegmentCopier.Options(
                config.prefix(),
                config.copying().timeout(),
                config.copying().indexMemoryBytes(),
                config.storing()),
            meters);
  }

  /**
   * Takes up what an earlier process left, and begins to work on it in the background. A store that
   * does not answer is no failure.
   *
   * @param store closed with this, also if this fails
   * @throws IOException if the data directory cannot be used
   */
  static Machinery open(PluginConfig config, ObjectStore store, MeterRegistry meters, Clock clock)
      throws IOException {
    DataDir dataDir;
    try {
      dataDir = DataDir.open(config.dataDir(), config.deleting().maxPending());
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
    Machinery machinery = new Machinery(config, dataDir, store, meters, clock);
    try {
      machinery.fetcher.start();
      machinery.reaper.start();
      return machinery;
    } catch (IOException | RuntimeException e) {
      try {
        machinery.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Copies under way fail; what they left, and what is still to be removed, is remembered. */
  @Override
  public void close() throws IOException {
    fetcher.close();
    reaper.close();
    engine.close();
    copier.close();
    store.close();
    dataDir.close();
  }
}
