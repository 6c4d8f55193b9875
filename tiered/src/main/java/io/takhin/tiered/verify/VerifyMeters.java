package io.takhin.tiered.verify;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The counters of all runs together. */
final class VerifyMeters {
  private final MeterRegistry meters;
  private final Counter segments;
  private final Counter requests;
  private final Counter bytes;

  VerifyMeters(MeterRegistry meters) {
    this.meters = meters;
    this.segments =
        Counter.builder("tiered.storage.verify.segments")
            .description("Segments that a verification looked at")
            .register(meters);
    this.requests =
        Counter.builder("tiered.storage.verify.requests")
            .description("Requests that verifications sent to the store")
            .register(meters);
    this.bytes =
        Counter.builder("tiered.storage.verify.bytes")
            .description("Bytes that verifications read, from the store and from local disks")
            .baseUnit("bytes")
            .register(meters);
    for (FindingKind kind : FindingKind.values()) {
      for (Finding.Outcome outcome : Finding.Outcome.values()) {
        counter(kind, outcome); // An alert rule needs the zero before the first.
      }
    }
  }

  void segment() {
    segments.increment();
  }

  void requests(int count) {
    requests.increment(count);
  }

  void bytes(long count) {
    bytes.increment((double) count);
  }

  void finding(Finding finding) {
    counter(finding.kind(), finding.outcome()).increment();
  }

  private Counter counter(FindingKind kind, Finding.Outcome outcome) {
    return Counter.builder("tiered.storage.verify.findings")
        .description("Confirmed findings, by kind and by what became of them")
        .tag("kind", kind.label())
        .tag("outcome", outcome.label())
        .register(meters);
  }
}
