package io.takhin.console.verify;

import io.takhin.tiered.verify.BackgroundState;
import io.takhin.tiered.verify.SegmentVerifier;
import io.takhin.tiered.verify.VerifyReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the verification stands, in a REST answer.
 *
 * @param running the asked run that works now; null if none does
 * @param last the asked run that ended last since the start; null if none did
 */
record VerifyDetail(
    Background background,
    @Nullable VerifyReportDetail running,
    @Nullable VerifyReportDetail last) {

  /**
   * The background rounds.
   *
   * @param intervalHours between the begins of two rounds; 0 if they are switched off
   * @param requestsPerDay 0 for no limit
   * @param bytesPerDay 0 for no limit
   * @param at the partition that the round under way is in; empty between rounds
   * @param waitingFor why it stands still; null if it does not
   * @param report of the round under way, or of the last, since the start of the process
   */
  record Background(
      double intervalHours,
      int level,
      long requestsPerDay,
      long bytesPerDay,
      @Nullable Instant roundBeganAt,
      String at,
      @Nullable Instant lastBeganAt,
      @Nullable Instant lastEndedAt,
      long lastFindings,
      double oldestUnverifiedAgeSeconds,
      @Nullable String waitingFor,
      @Nullable VerifyReportDetail report) {
    private static final double MILLIS_PER_HOUR = Duration.ofHours(1).toMillis();

    static Background of(BackgroundState state) {
      return new Background(
          state.options().interval().toMillis() / MILLIS_PER_HOUR,
          state.options().level().number(),
          state.options().requestsPerDay(),
          state.options().bytesPerDay(),
          instant(state.roundBeganMillis()),
          state.at(),
          instant(state.lastBeganMillis()),
          instant(state.lastEndedMillis()),
          state.lastFindings(),
          state.oldestUnverifiedAgeSeconds(),
          state.waitingFor(),
          detail(Optional.ofNullable(state.report())));
    }

    private static @Nullable Instant instant(long millis) {
      return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }
  }

  static VerifyDetail of(SegmentVerifier verifier) {
    return new VerifyDetail(
        Background.of(verifier.background()), detail(verifier.running()), detail(verifier.last()));
  }

  private static @Nullable VerifyReportDetail detail(Optional<VerifyReport> report) {
    return report.map(VerifyReportDetail::of).orElse(null);
  }
}
