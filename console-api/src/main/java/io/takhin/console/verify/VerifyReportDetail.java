package io.takhin.console.verify;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.verify.Finding;
import io.takhin.tiered.verify.FindingKind;
import io.takhin.tiered.verify.VerifyReport;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a verification did and found, in a REST answer.
 *
 * @param level 0, 1 or 2
 * @param topic null for all
 * @param state {@code running} or {@code ended}
 * @param clean whether it went through everything, and nothing is wrong any more
 * @param problem why it ended early; null if it did not
 * @param findingsByKind how many there are of each kind
 * @param findings the first of them
 */
public record VerifyReportDetail(
    int level,
    @Nullable String topic,
    boolean repair,
    String state,
    boolean clean,
    @Nullable String problem,
    Instant startedAt,
    @Nullable Instant endedAt,
    long segmentsTotal,
    long segmentsChecked,
    long segmentsMoving,
    long unconfirmed,
    long objectsListed,
    long requests,
    long bytesRead,
    long findingsTotal,
    long unrepaired,
    Map<String, Long> findingsByKind,
    List<FindingDetail> findings) {

  /**
   * A finding in a REST answer.
   *
   * @param segmentPath null where no segment can be told
   * @param where key of the object, or path of the file
   * @param outcome {@code reported}, {@code repaired}, {@code deferred} or {@code quarantined}
   * @param how what was done, or why nothing was
   */
  public record FindingDetail(
      String kind,
      @Nullable String segmentPath,
      String where,
      String expected,
      String actual,
      String outcome,
      String how) {
    static FindingDetail of(Finding finding) {
      SegmentId id = finding.segment();
      return new FindingDetail(
          finding.kind().label(),
          id == null ? null : id.path(),
          finding.where(),
          finding.expected(),
          finding.actual(),
          finding.outcome().label(),
          finding.how());
    }
  }

  /** As it is to be shown. */
  public static VerifyReportDetail of(VerifyReport report) {
    Map<String, Long> byKind = new LinkedHashMap<>();
    for (Map.Entry<FindingKind, Long> kind : report.findingsByKind().entrySet()) {
      byKind.put(kind.getKey().label(), kind.getValue());
    }
    return new VerifyReportDetail(
        report.request().level().number(),
        report.request().topic(),
        report.request().repair(),
        report.isRunning() ? "running" : "ended",
        report.isClean(),
        report.problem(),
        Instant.ofEpochMilli(report.startedAtMillis()),
        report.isRunning() ? null : Instant.ofEpochMilli(report.endedAtMillis()),
        report.segmentsTotal(),
        report.segmentsChecked(),
        report.segmentsMoving(),
        report.unconfirmed(),
        report.objectsListed(),
        report.requests(),
        report.bytesRead(),
        report.findingCount(),
        report.unrepaired(),
        byKind,
        report.findings().stream().map(FindingDetail::of).toList());
  }
}
