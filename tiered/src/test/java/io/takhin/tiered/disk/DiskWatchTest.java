package io.takhin.tiered.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskWatchTest {
  private static final long TOTAL = 10_000;

  @TempDir Path dir;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private long used;
  private boolean broken;
  private Instant now = Instant.parse("2026-03-01T00:00:00Z");

  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now;
        }
      };

  private DiskWatch watch(OutagePolicy policy) {
    return new DiskWatch(
        dir,
        new OutageOptions(policy, new DiskMarks(80, 90, 97), this::measure, Duration.ofSeconds(1)),
        meters,
        clock);
  }

  private DiskUsage measure(Path directory) throws IOException {
    if (broken) {
      throw new IOException("injected: no answer");
    }
    return new DiskUsage(used, TOTAL);
  }

  private DiskStatus step(DiskWatch watch, long nextUsed, Duration later) {
    used = nextUsed;
    now = now.plus(later);
    return watch.measure();
  }

  @ParameterizedTest
  @CsvSource({
    "7999, NORMAL",
    "8000, LOW",
    "8999, LOW",
    "9000, HIGH",
    "9699, HIGH",
    "9700, FULL",
    "20000, FULL"
  })
  void aMarkIsReachedWhenTheUseEqualsIt(long usedBytes, DiskLevel level) {
    used = usedBytes;
    assertThat(watch(OutagePolicy.HOLD).status().level()).isEqualTo(level);
  }

  @Test
  void marksHaveToAscend() {
    assertThatThrownBy(() -> new DiskMarks(90, 90, 97))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("low=90 high=90 full=97");
    assertThatThrownBy(() -> new DiskMarks(80, 90, 101))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void steadyGrowthTellsWhenTheDiskWillBeFull() {
    // Given 10 bytes a second
    DiskWatch watch = watch(OutagePolicy.HOLD);
    DiskStatus status = watch.status();
    for (int second = 1; second <= 100; second++) {
      status = step(watch, second * 10L, Duration.ofSeconds(1));
    }

    // Then
    assertThat(status.growthBytesPerSecond()).isCloseTo(10, within(0.01));
    assertThat(status.secondsToFull()).hasValue((9_700 - 1_000) / 10);
    assertThat(meters.get("tiered.storage.disk.time.to.full.seconds").gauge().value())
        .isEqualTo(870);
  }

  @Test
  void oneStepDoesNotChangeTheForecastBeyondItsShare() {
    DiskWatch watch = watch(OutagePolicy.HOLD);
    for (int minute = 1; minute <= 9; minute++) {
      step(watch, minute * 600L, Duration.ofMinutes(1));
    }
    DiskStatus freed = step(watch, 5_000, Duration.ofMinutes(1));
    assertThat(freed.growthBytesPerSecond()).isBetween(7.0, 10.0);
  }

  @Test
  void aDiskThatShrinksOrRestsIsNeverFull() {
    DiskWatch watch = watch(OutagePolicy.HOLD);
    assertThat(watch.status().secondsToFull()).isEmpty();
    step(watch, 5_000, Duration.ofSeconds(10));
    step(watch, 4_000, Duration.ofMinutes(20));
    assertThat(step(watch, 3_000, Duration.ofSeconds(10)).secondsToFull()).isEmpty();
    assertThat(meters.get("tiered.storage.disk.time.to.full.seconds").gauge().value()).isInfinite();
  }

  @Test
  void theHistoryIsBoundedAndForgetsWhatIsOld() {
    DiskHistory history = new DiskHistory();
    for (int second = 0; second < 10_000; second++) {
      history.add(second * 1000L, second < 9_000 ? second * 100L : 900_000 + second);
    }
    assertThat(history.size()).isLessThanOrEqualTo(DiskHistory.SAMPLES);
    assertThat(history.growthBytesPerSecond()).isCloseTo(1, within(0.01));
  }

  @Test
  void aClockThatWentBackBeginsAnew() {
    DiskHistory history = new DiskHistory();
    history.add(100_000, 1);
    history.add(200_000, 2);
    history.add(50_000, 5);
    assertThat(history.size()).isEqualTo(1);
    assertThat(history.growthBytesPerSecond()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"HOLD", "BACKPRESSURE", "SHED"})
  void atTheFullMarkNothingIsAdmitted(OutagePolicy policy) {
    used = 9_700;
    DiskWatch watch = watch(policy);
    assertThat(watch.admit(1).refusal())
        .contains("97.0% full", "storage.tiered.disk.full.percent 97", "try again");
    assertThat(meters.get("tiered.storage.disk.writes.refused").counter().count()).isEqualTo(1);
  }

  @Test
  void whatWasAdmittedSinceTheMeasurementCounts() {
    used = 9_000;
    DiskWatch watch = watch(OutagePolicy.HOLD);
    assertThat(watch.admit(700).refusal()).isNull();
    assertThat(watch.admit(1).refusal()).isNotNull();
    // and no longer once the disk was measured again, whatever of it was written
    step(watch, 9_100, Duration.ofSeconds(1));
    assertThat(watch.admit(1).refusal()).isNull();
  }

  @Test
  void backpressureGrowsFromTheHighMarkToTheFullOne() {
    DiskWatch watch = watch(OutagePolicy.BACKPRESSURE);
    step(watch, 8_999, Duration.ofSeconds(1));
    assertThat(watch.admit(0).delayMillis()).isZero();
    step(watch, 9_000, Duration.ofSeconds(1));
    assertThat(watch.admit(0).delayMillis()).isEqualTo(1);
    step(watch, 9_350, Duration.ofSeconds(1));
    assertThat(watch.admit(0).delayMillis()).isEqualTo(500);
    step(watch, 9_699, Duration.ofSeconds(1));
    assertThat(watch.admit(0).delayMillis()).isBetween(990L, DiskWatch.LONGEST_DELAY_MILLIS);
  }

  @ParameterizedTest
  @CsvSource({"HOLD", "SHED"})
  void otherPoliciesDelayNobody(OutagePolicy policy) {
    used = 9_600;
    assertThat(watch(policy).admit(1)).isEqualTo(new Admission(null, 0));
  }

  @Test
  void aDiskThatCannotBeMeasuredKeepsItsLastFigures() {
    used = 9_000;
    DiskWatch watch = watch(OutagePolicy.HOLD);
    broken = true;
    assertThat(watch.measure().usage().usedBytes()).isEqualTo(9_000);
    broken = false;
    used = 100;
    assertThat(watch.measure().level()).isEqualTo(DiskLevel.NORMAL);
  }

  @Test
  void aDiskThatCouldNeverBeMeasuredRefusesNobody() {
    broken = true;
    assertThat(watch(OutagePolicy.HOLD).admit(1_000_000).refusal()).isNull();
  }

  @Test
  void aRealFileSystemIsMeasured() throws IOException {
    DiskUsage usage = DiskSpace.OF_FILE_SYSTEM.measure(dir);
    assertThat(usage.usedRatio()).isBetween(0.0, 1.0);
    assertThat(usage.totalBytes()).isPositive();
  }
}
