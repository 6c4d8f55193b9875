package io.takhin.tiered.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.UploadIntent;
import io.takhin.tiered.policy.RetentionPolicy.Log;
import io.takhin.tiered.policy.RetentionPolicy.Sealed;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {
  private static final long NOW = 1_000_000;
  private static final long NO_HOLD = Long.MAX_VALUE;

  private static RetentionPolicy byBytes(long bytes) {
    return new RetentionPolicy(RetentionPolicy.UNLIMITED, bytes);
  }

  private static RetentionPolicy byAge(long millis) {
    return new RetentionPolicy(millis, RetentionPolicy.UNLIMITED);
  }

  /** Three segments of 100 bytes and 100 offsets; the newest records are 300, 200 and 100 old. */
  private static final List<Sealed> THREE =
      List.of(
          new Sealed(0, 100, 100, NOW - 300),
          new Sealed(100, 200, 100, NOW - 200),
          new Sealed(200, 300, 100, NOW - 100));

  @Test
  void oldestSegmentsGoWhileTheRestIsEnough() {
    assertThat(byBytes(250).newLogStart(new Log(0, THREE, 50, NO_HOLD), NOW)).isEqualTo(100);
    assertThat(byBytes(251).newLogStart(new Log(0, THREE, 50, NO_HOLD), NOW)).isEqualTo(0);
    assertThat(byBytes(0).newLogStart(new Log(0, THREE, 50, NO_HOLD), NOW)).isEqualTo(300);
  }

  @Test
  void segmentsGoWhenTheirNewestRecordIsTooOld() {
    assertThat(byAge(299).newLogStart(new Log(0, THREE, 0, NO_HOLD), NOW)).isEqualTo(100);
    assertThat(byAge(300).newLogStart(new Log(0, THREE, 0, NO_HOLD), NOW)).isEqualTo(0);
    assertThat(byAge(0).newLogStart(new Log(0, THREE, 0, NO_HOLD), NOW)).isEqualTo(300);
  }

  @Test
  void aSegmentWithoutTimestampsIsAsOldAsItsLastWrite() {
    SegmentMetadata segment = SegmentMetadata.sealed(SegmentId.of("t", 0, 0), 10, -1, 5, NOW - 7);

    assertThat(byAge(6).newLogStart(Log.of(0, List.of(segment), 0, NO_HOLD), NOW)).isEqualTo(10);
    assertThat(byAge(7).newLogStart(Log.of(0, List.of(segment), 0, NO_HOLD), NOW)).isEqualTo(0);
  }

  @Test
  void anUploadInFlightDoesNotMakeOtherSegmentsGo() {
    // Given a segment that is being uploaded, and listed as local too
    SegmentMetadata archived = SegmentMetadata.sealed(SegmentId.of("t", 0, 0), 100, NOW, 100, NOW);
    SegmentMetadata local = SegmentMetadata.sealed(SegmentId.of("t", 0, 100), 200, NOW, 100, NOW);
    SegmentMetadata inFlight =
        local.withState(
            new SegmentState.Local()
                .begin(new UploadIntent("a", new ObjectKey("t-0/x.manifest.json"), NOW)));

    // When
    long start =
        byBytes(200).newLogStart(Log.of(0, List.of(archived, inFlight, local), 50, NO_HOLD), NOW);

    // Then
    assertThat(start).isEqualTo(0);
  }

  @Test
  void aHeldOffsetStopsTheStart() {
    assertThat(byAge(0).newLogStart(new Log(0, THREE, 0, 250), NOW)).isEqualTo(200);
    assertThat(byAge(0).newLogStart(new Log(0, THREE, 0, 200), NOW)).isEqualTo(200);
    assertThat(byAge(0).newLogStart(new Log(0, THREE, 0, 0), NOW)).isEqualTo(0);
  }

  @Test
  void limitsBelowMinusOneAreRefused() {
    assertThatThrownBy(() -> new RetentionPolicy(-2, 0)).hasMessageContaining("maxAgeMillis=-2");
    assertThatThrownBy(() -> new RetentionPolicy(0, -2)).hasMessageContaining("maxBytes=-2");
  }

  /** Runs the check with many random logs, of which some start within a segment. */
  private static void forRandomLogs(BiConsumer<Random, Log> check) {
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      List<Sealed> sealed = new ArrayList<>();
      long offset = random.nextInt(50);
      for (int i = random.nextInt(12); i > 0; i--) {
        long base = offset + (random.nextInt(8) == 0 ? random.nextInt(30) : 0);
        offset = base + 1 + random.nextInt(100);
        sealed.add(new Sealed(base, offset, random.nextInt(200), NOW - random.nextInt(500)));
      }
      long start = random.nextInt((int) offset + 1);
      long held = random.nextBoolean() ? NO_HOLD : start + random.nextInt(300);
      Log log = new Log(start, sealed, random.nextInt(100), held);
      try {
        check.accept(random, log);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + " " + log, e);
      }
    }
  }

  private static RetentionPolicy random(Random random) {
    return new RetentionPolicy(random.nextInt(400) - 1, random.nextInt(800) - 1);
  }

  private static List<Sealed> above(long start, Log log) {
    return log.sealed().stream().filter(segment -> segment.endOffset() > start).toList();
  }

  private static long bytes(long start, Log log) {
    return log.activeBytes() + above(start, log).stream().mapToLong(Sealed::sizeBytes).sum();
  }

  @Test
  void theStartNeverGoesDownNorBeyondWhatIsSealedOrHeld() {
    forRandomLogs(
        (random, log) -> {
          long start = random(random).newLogStart(log, NOW);
          long end = log.sealed().stream().mapToLong(Sealed::endOffset).max().orElse(0);
          assertThat(start).isGreaterThanOrEqualTo(log.startOffset());
          assertThat(start).isLessThanOrEqualTo(Math.max(log.startOffset(), end));
          assertThat(start).isLessThanOrEqualTo(log.firstHeldOffset());
          assertThat(RetentionPolicy.NONE.newLogStart(log, NOW)).isEqualTo(log.startOffset());
        });
  }

  @Test
  void byBytesAtLeastTheLimitRemainsAndNoWholeSegmentTooMuch() {
    forRandomLogs(
        (random, log) -> {
          long limit = random.nextInt(800);
          long start = byBytes(limit).newLogStart(log, NOW);
          if (start > log.startOffset()) {
            assertThat(bytes(start, log)).isGreaterThanOrEqualTo(limit);
          }
          List<Sealed> kept = above(start, log);
          if (!kept.isEmpty() && kept.get(0).endOffset() <= log.firstHeldOffset()) {
            assertThat(bytes(start, log) - kept.get(0).sizeBytes()).isLessThan(limit);
          }
        });
  }

  @Test
  void byAgeOnlyWhatIsTooOldGoes() {
    forRandomLogs(
        (random, log) -> {
          long limit = random.nextInt(400);
          long start = byAge(limit).newLogStart(log, NOW);
          for (Sealed segment : above(log.startOffset(), log)) {
            if (segment.endOffset() <= start) {
              assertThat(NOW - segment.newestMillis()).isGreaterThan(limit);
            }
          }
        });
  }

  @Test
  void whatIsListedTwiceOrInAnotherOrderChangesNothing() {
    forRandomLogs(
        (random, log) -> {
          RetentionPolicy policy = random(random);
          List<Sealed> shuffled = new ArrayList<>(log.sealed());
          shuffled.addAll(log.sealed());
          Collections.shuffle(shuffled, random);
          Log same = new Log(log.startOffset(), shuffled, log.activeBytes(), log.firstHeldOffset());
          assertThat(policy.newLogStart(same, NOW)).isEqualTo(policy.newLogStart(log, NOW));
        });
  }

  @Test
  void oneRunIsEnough() {
    forRandomLogs(
        (random, log) -> {
          RetentionPolicy policy = random(random);
          long start = policy.newLogStart(log, NOW);
          Log after = new Log(start, log.sealed(), log.activeBytes(), log.firstHeldOffset());
          assertThat(policy.newLogStart(after, NOW)).isEqualTo(start);
        });
  }
}
