package io.takhin.tiered;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.archive.Holds;
import io.takhin.tiered.archive.UnfinishedWork;
import io.takhin.tiered.catalog.Gaps;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.Tier;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Shows the sums of the catalog as gauges until it is closed. */
final class TierGauges implements AutoCloseable {
  private final MeterRegistry meters;
  private final List<Meter> gauges = new ArrayList<>();

  TierGauges(
      MeterRegistry meters,
      SegmentCatalog catalog,
      UnfinishedWork work,
      Holds holds,
      Gaps gaps,
      Clock clock) {
    this.meters = meters;
    gauges.add(
        Gauge.builder("tiered.storage.deleted.segments", work::deletedSegments)
            .description("Deleted segments whose objects are not removed yet")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.deleted.bytes", work::deletedBytes)
            .description("Log bytes of deleted segments whose objects are not removed yet")
            .baseUnit("bytes")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.held.segments", holds::heldSegments)
            .description("Segments that a hold keeps")
            .register(meters));
    for (Tier tier : Tier.values()) {
      gauges.add(
          Gauge.builder(
                  "tiered.storage.segments", () -> catalog.stats().byTier().getOrDefault(tier, 0L))
              .description("Segments by where the policy says they belong")
              .tag("policy", tier.label())
              .register(meters));
    }
    gauges.add(
        Gauge.builder(
                "tiered.storage.oldest_unarchived_age_seconds",
                () -> work.oldestUnarchivedAgeSeconds(clock.millis()))
            .description("Age of the oldest segment that only this machine holds")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.local.bytes", () -> catalog.stats().localBytes())
            .description("Log bytes on this machine, restored ones included")
            .baseUnit("bytes")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.remote.bytes", () -> catalog.stats().remoteBytes())
            .description("Log bytes proved in the bucket")
            .baseUnit("bytes")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.restored.cache.bytes", () -> catalog.stats().restoredBytes())
            .description("Log bytes that were brought back")
            .baseUnit("bytes")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.gaps", gaps, Gaps::count)
            .description("Ranges of offsets that were given up because the disk was full")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.gaps.bytes", gaps, Gaps::lostBytes)
            .description("Log bytes that were given up because the disk was full")
            .baseUnit("bytes")
            .register(meters));
  }

  @Override
  public void close() {
    gauges.forEach(meters::remove);
  }
}
