package io.takhin.tiered;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.archive.WriterEpoch;
import io.takhin.tiered.catalog.Quarantine;
import io.takhin.tiered.catalog.QuarantineStage;
import java.util.ArrayList;
import java.util.List;

/** Shows what is quarantined, and whether this process may write, until it is closed. */
final class IsolationGauges implements AutoCloseable {
  private final MeterRegistry meters;
  private final List<Meter> gauges = new ArrayList<>();

  IsolationGauges(MeterRegistry meters, Quarantine quarantine, WriterEpoch writer) {
    this.meters = meters;
    for (QuarantineStage stage : QuarantineStage.values()) {
      gauges.add(
          Gauge.builder(
                  "tiered.storage.quarantined.segments",
                  () -> quarantine.counts().getOrDefault(stage, 0))
              .description("Segments left alone until somebody asks, by what failed")
              .tag("stage", stage.label())
              .register(meters));
    }
    gauges.add(
        Gauge.builder("tiered.storage.writer.stopped", () -> writer.status().isStopped() ? 1 : 0)
            .description("1 while another process has this prefix, and nothing is archived")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.writer.epoch", () -> writer.status().epoch())
            .description("The prefix's epoch that this process took; 0 before the first")
            .register(meters));
  }

  @Override
  public void close() {
    gauges.forEach(meters::remove);
  }
}
