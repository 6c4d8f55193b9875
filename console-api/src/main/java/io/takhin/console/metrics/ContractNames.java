package io.takhin.console.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;

/**
 * Gives two metrics the names they were promised under.
 *
 * <p>The Prometheus client keeps {@code _total} for counters: it takes the ending off every gauge
 * and puts it on every counter. The contract has one name of each other kind, so the snapshot of a
 * scrape is renamed before it is written:
 *
 * <ul>
 *   <li>gauge {@code tiered_storage_segments} → gauge {@code tiered_storage_segments_total};
 *   <li>counter {@code tiered_storage_s3_bytes_uploaded_total} → {@code
 *       tiered_storage_s3_bytes_uploaded}, of type untyped, because the exposition format has no
 *       counter without the ending. {@code rate()} and {@code increase()} do not look at the type.
 * </ul>
 */
final class ContractNames {
  private static final String SEGMENTS = "tiered_storage_segments";
  private static final String SEGMENTS_PROMISED = "tiered_storage_segments_total";
  private static final String UPLOADED = "tiered_storage_s3_bytes_uploaded";

  private ContractNames() {}

  static MetricSnapshots apply(MetricSnapshots snapshots) {
    return new MetricSnapshots(snapshots.stream().map(ContractNames::rename).toList());
  }

  private static MetricSnapshot rename(MetricSnapshot snapshot) {
    MetricMetadata metadata = snapshot.getMetadata();
    if (snapshot instanceof GaugeSnapshot gauge && metadata.getName().equals(SEGMENTS)) {
      return new GaugeSnapshot(
          new MetricMetadata(SEGMENTS_PROMISED, metadata.getHelp()), gauge.getDataPoints());
    } else if (snapshot instanceof CounterSnapshot counter && metadata.getName().equals(UPLOADED)) {
      return new UnknownSnapshot(
          new MetricMetadata(UPLOADED, metadata.getHelp()),
          counter.getDataPoints().stream()
              .map(
                  point ->
                      new UnknownSnapshot.UnknownDataPointSnapshot(
                          point.getValue(), point.getLabels(), point.getExemplar()))
              .toList());
    }
    return snapshot;
  }
}
