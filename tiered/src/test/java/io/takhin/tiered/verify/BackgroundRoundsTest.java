package io.takhin.tiered.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackgroundRoundsTest {
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final VerifyOptions DAILY =
      VerifyOptions.DEFAULT.with(Duration.ofDays(1), 0, 0, Level.CHECKSUMS);

  @TempDir Path root;

  /** Three partitions of two segments each; ends or fails where it is told to. */
  private static final class ThreePartitions implements BackgroundRounds.Rounds {
    final List<Position> from = new ArrayList<>();
    int steps;
    int failAt = Integer.MAX_VALUE;
    int stopAt = Integer.MAX_VALUE;

    @Override
    public Tally tally(VerifyRequest request) {
      return new Tally(
          request, START.toEpochMilli(), 6, new VerifyMeters(new SimpleMeterRegistry()));
    }

    @Override
    public void goThrough(Tally tally, Position begin, Consumer<Position> progress)
        throws IOException, InterruptedException {
      from.add(begin);
      for (String directory : List.of("a-0", "b-0", "c-0")) {
        for (long offset = 0; offset < 200; offset += 100) {
          Position here = new Position(directory, offset);
          if (directory.compareTo(begin.directory()) < 0
              || (directory.equals(begin.directory()) && offset <= begin.baseOffset())) {
            continue;
          }
          steps++;
          if (steps == stopAt) {
            throw new InterruptedException("killed");
          }
          if (steps == failAt) {
            throw new StoreException.Unavailable("down", null);
          }
          tally.checked();
          progress.accept(here);
        }
      }
    }
  }

  /** The time of the pauses, as a clock. */
  private static Clock clock(Pauses pauses) {
    return new Clock() {
      @Override
      public Instant instant() {
        return START.plusNanos(pauses.nanoTime());
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }
    };
  }

  private BackgroundState run(ThreePartitions parts, int pauses) throws CatalogException {
    SteppedPauses stepped = new SteppedPauses(pauses);
    try (SegmentCatalog catalog = SegmentCatalog.open(root.resolve("catalog.db"), clock(stepped))) {
      BackgroundRounds rounds =
          new BackgroundRounds(catalog.notes(Cursor.FORMAT), DAILY, parts, stepped, clock(stepped));
      rounds.run();
      return rounds.state();
    }
  }

  @Test
  void theFirstRoundBeginsAfterAWhileAndTheNextAfterTheInterval() throws Exception {
    ThreePartitions parts = new ThreePartitions();

    BackgroundState atFirst = run(parts, 60); // half an hour in polls of 30 seconds
    assertThat(parts.from).isEmpty();
    assertThat(atFirst.oldestUnverifiedAgeSeconds()).isEqualTo(1800);

    BackgroundState afterTwoDays = run(parts, 2 * 24 * 120 + 240);
    assertThat(parts.from).containsExactly(Position.BEGIN, Position.BEGIN, Position.BEGIN);
    assertThat(parts.steps).isEqualTo(18);
    assertThat(afterTwoDays.lastEndedMillis()).isGreaterThan(START.toEpochMilli());
    assertThat(afterTwoDays.oldestUnverifiedAgeSeconds()).isLessThan(2 * 3600);
  }

  @Test
  void aRestartGoesOnWhereTheRoundWas() throws Exception {
    ThreePartitions killed = new ThreePartitions();
    killed.stopAt = 4;
    BackgroundState before = run(killed, 1000);
    assertThat(before.at()).isEqualTo("b-0");

    ThreePartitions next = new ThreePartitions();
    BackgroundState after = run(next, 10);

    assertThat(next.from).containsExactly(new Position("b-0", 0));
    assertThat(next.steps).as("what was left of six").isEqualTo(3);
    assertThat(after.lastBeganMillis()).isEqualTo(before.roundBeganMillis());
  }

  @Test
  void whileTheStoreIsDownItStandsStillAndThenGoesOn() throws Exception {
    ThreePartitions parts = new ThreePartitions();
    parts.failAt = 3;

    BackgroundState state = run(parts, 200);

    assertThat(parts.from).containsExactly(Position.BEGIN, new Position("a-0", 100));
    assertThat(parts.steps).isEqualTo(7);
    assertThat(state.waitingFor()).isNull();
    assertThat(state.lastEndedMillis()).isPositive();
  }

  @Test
  void aCursorIsReadAsItWasWritten() {
    Cursor cursor = new Cursor(new Position("a-0", 7), 1, 2, 3, 4, 5, 6);
    assertThat(Cursor.FORMAT.parse(Cursor.FORMAT.toJson(cursor))).isEqualTo(cursor);
  }
}
