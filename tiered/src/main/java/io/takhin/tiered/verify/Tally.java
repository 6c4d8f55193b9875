package io.takhin.tiered.verify;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts what a run does. Written by its threads, read by whoever asks how far it is. */
final class Tally {
  private final VerifyRequest request;
  private final long startedAtMillis;
  private final long segmentsTotal;
  private final VerifyMeters meters;
  private final AtomicLong segmentsChecked = new AtomicLong();
  private final AtomicLong segmentsMoving = new AtomicLong();
  private final AtomicLong unconfirmed = new AtomicLong();
  private final AtomicLong objectsListed = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong bytesRead = new AtomicLong();

  @GuardedBy("this")
  private final Map<FindingKind, Long> byKind = new EnumMap<>(FindingKind.class);

  @GuardedBy("this")
  private final List<Finding> findings = new ArrayList<>();

  @GuardedBy("this")
  private long unrepaired;

  @GuardedBy("this")
  private long endedAtMillis;

  @GuardedBy("this")
  private @Nullable String problem;

  Tally(VerifyRequest request, long startedAtMillis, long segmentsTotal, VerifyMeters meters) {
    this.request = request;
    this.startedAtMillis = startedAtMillis;
    this.segmentsTotal = segmentsTotal;
    this.meters = meters;
  }

  void checked() {
    segmentsChecked.incrementAndGet();
    meters.segment();
  }

  void moving() {
    segmentsMoving.incrementAndGet();
  }

  void unconfirmed() {
    unconfirmed.incrementAndGet();
  }

  void listed(int objects) {
    objectsListed.addAndGet(objects);
  }

  void requests(int count) {
    requests.addAndGet(count);
    meters.requests(count);
  }

  void bytes(long count) {
    bytesRead.addAndGet(count);
    meters.bytes(count);
  }

  synchronized void found(Finding finding) {
    byKind.merge(finding.kind(), 1L, Long::sum);
    unrepaired += finding.isRepaired() ? 0 : 1;
    if (findings.size() < VerifyReport.MAX_FINDINGS) {
      findings.add(finding);
    }
    meters.finding(finding);
  }

  /**
   * The run is over.
   *
   * @param why it ended early; null if it did not
   */
  synchronized void ended(long nowMillis, @Nullable String why) {
    endedAtMillis = Math.max(1, nowMillis);
    problem = why;
  }

  synchronized VerifyReport report() {
    return new VerifyReport(
        request,
        startedAtMillis,
        endedAtMillis,
        segmentsTotal,
        segmentsChecked.get(),
        segmentsMoving.get(),
        unconfirmed.get(),
        objectsListed.get(),
        requests.get(),
        bytesRead.get(),
        byKind,
        unrepaired,
        findings,
        problem);
  }
}
