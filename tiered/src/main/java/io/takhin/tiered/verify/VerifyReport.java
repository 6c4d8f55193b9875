package io.takhin.tiered.verify;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run did and found, so far or in the end.
 *
 * @param startedAtMillis milliseconds since the epoch
 * @param endedAtMillis the same; 0 while it runs
 * @param segmentsTotal segments that the catalog had when it began; of one topic, if one was asked
 * @param segmentsChecked segments looked at
 * @param segmentsMoving segments left out because they were on their way whenever they were looked
 *     at, uploaded or deleted ones among them
 * @param unconfirmed segments that looked wrong once and were right when nothing moved them
 * @param objectsListed objects seen in listings
 * @param requests sent to the store, repairs not counted
 * @param bytesRead from the store and from local disks
 * @param findingsByKind how many findings there are of each kind; kinds without any are left out
 * @param unrepaired findings that are still true
 * @param findings the first of them, {@link #MAX_FINDINGS} at most
 * @param problem why it ended early; null if it did not
 */
public record VerifyReport(
    VerifyRequest request,
    long startedAtMillis,
    long endedAtMillis,
    long segmentsTotal,
    long segmentsChecked,
    long segmentsMoving,
    long unconfirmed,
    long objectsListed,
    long requests,
    long bytesRead,
    Map<FindingKind, Long> findingsByKind,
    long unrepaired,
    List<Finding> findings,
    @Nullable String problem) {
  /** Beyond this a list helps nobody; the counts go on. */
  public static final int MAX_FINDINGS = 1000;

  public VerifyReport {
    Map<FindingKind, Long> sorted = new EnumMap<>(FindingKind.class);
    sorted.putAll(findingsByKind);
    findingsByKind = sorted;
    findings = List.copyOf(findings);
  }

  /** How many findings there are, listed or not. */
  public long findingCount() {
    return findingsByKind.values().stream().mapToLong(Long::longValue).sum();
  }

  public boolean isRunning() {
    return endedAtMillis == 0;
  }

  /** Whether it went through everything and nothing is wrong any more. */
  public boolean isClean() {
    return !isRunning() && problem == null && unrepaired == 0;
  }
}
