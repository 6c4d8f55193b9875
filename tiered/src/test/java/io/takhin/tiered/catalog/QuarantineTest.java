package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {
  private static final Duration FIRST_WAIT = Duration.ofMinutes(10);
  private static final SegmentId ID = Segments.sealed(0).id();

  @TempDir Path dir;
  private long nowMillis = 1_000_000;
  private final InstantSource time = () -> Instant.ofEpochMilli(nowMillis);

  private SegmentCatalog catalog() throws CatalogException {
    SegmentCatalog catalog = SegmentCatalog.open(dir.resolve("catalog.db"), Clock.systemUTC());
    catalog.register(Segments.sealed(0));
    catalog.register(Segments.sealed(1));
    return catalog;
  }

  private Quarantine open(SegmentCatalog catalog, int attemptsAllowed) throws CatalogException {
    return Quarantine.open(catalog, attemptsAllowed, FIRST_WAIT, time.withZone(ZoneOffset.UTC));
  }

  @Test
  void eachFurtherAttemptWaitsTwiceAsLongAndTheLastAllowedFailureEndsIt() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 5);
      List<Long> waitsMinutes = new ArrayList<>();
      for (int i = 1; i < 5; i++) {
        QuarantineEntry entry = quarantine.failed(ID, QuarantineStage.ARCHIVE, "no " + i);
        waitsMinutes.add((entry.nextAttemptAtMillis() - nowMillis) / 60_000);
        assertThat(quarantine.isQuarantined(ID)).isFalse();
        assertThat(quarantine.mayTry(ID, entry.nextAttemptAtMillis() - 1)).isFalse();
        assertThat(quarantine.mayTry(ID, entry.nextAttemptAtMillis())).isTrue();
        nowMillis += 1_000;
      }
      assertThat(waitsMinutes).containsExactly(0L, 10L, 20L, 40L);

      quarantine.failed(ID, QuarantineStage.ARCHIVE, "no 5");

      assertThat(quarantine.find(ID))
          .hasValue(
              new QuarantineEntry(
                  ID,
                  QuarantineStage.ARCHIVE,
                  "no 5",
                  1_000_000,
                  1_004_000,
                  5,
                  QuarantineEntry.NEVER));
      assertThat(quarantine.mayTry(ID, Long.MAX_VALUE - 1)).isFalse();
      assertThat(quarantine.mayTry(Segments.sealed(1).id(), nowMillis)).isTrue();
    }
  }

  @Test
  void noWaitIsLongerThanADay() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 1_000);
      for (int i = 0; i < 200; i++) {
        QuarantineEntry entry = quarantine.failed(ID, QuarantineStage.ARCHIVE, "no");
        assertThat(entry.nextAttemptAtMillis() - nowMillis)
            .isBetween(0L, Quarantine.LONGEST_WAIT.toMillis());
      }
    }
  }

  @Test
  void itIsThereAfterARestartAndGoesWithTheSegment() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 5);
      quarantine.failed(ID, QuarantineStage.RECLAIM, "once");
      quarantine.add(Segments.sealed(1).id(), QuarantineStage.VERIFY, "object is damaged");
    }
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 5);
      assertThat(quarantine.all())
          .extracting(QuarantineEntry::stage, QuarantineEntry::isQuarantined)
          .containsExactly(
              tuple(QuarantineStage.RECLAIM, false), tuple(QuarantineStage.VERIFY, true));
      assertThat(quarantine.counts())
          .containsEntry(QuarantineStage.VERIFY, 1)
          .containsEntry(QuarantineStage.RECLAIM, 0)
          .containsOnlyKeys(QuarantineStage.values());
      catalog.forget(ID, Segments.LOCAL, "deleted, and the process ended before more was done");
    }
    try (SegmentCatalog catalog =
        SegmentCatalog.open(dir.resolve("catalog.db"), Clock.systemUTC())) {
      assertThat(open(catalog, 5).all())
          .extracting(QuarantineEntry::segment)
          .containsExactly(Segments.sealed(1).id());
    }
  }

  @Test
  void successEndsOnlyWhatItDisproves() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 5);
      quarantine.add(ID, QuarantineStage.VERIFY, "damaged");
      quarantine.succeeded(ID, QuarantineStage.ARCHIVE);
      assertThat(quarantine.isQuarantined(ID)).isTrue();
      quarantine.succeeded(ID, QuarantineStage.VERIFY);
      assertThat(quarantine.find(ID)).isEmpty();
      quarantine.add(ID, QuarantineStage.DELETE, "refused");
      assertThat(quarantine.release(ID)).isTrue();
      assertThat(quarantine.release(ID)).isFalse();
      assertThat(quarantine.mayTry(ID, nowMillis)).isTrue();
    }
  }

  @Test
  void aFailureDoesNotEndAQuarantine() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 5);
      quarantine.add(ID, QuarantineStage.VERIFY, "damaged");
      assertThat(quarantine.failed(ID, QuarantineStage.ARCHIVE, "unreadable").isQuarantined())
          .isTrue();
    }
  }

  @Test
  void reasonsAreOneShortLine() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 5);
      quarantine.add(ID, QuarantineStage.READ, "first\r\nsecond\u001b[31m " + "x".repeat(5_000));
      String reason = quarantine.find(ID).orElseThrow().reason();
      assertThat(reason).startsWith("first second [31m xxx").endsWith("x…");
      assertThat(reason).hasSize(QuarantineEntry.MAX_REASON_CHARS);
    }
  }

  @Test
  void failuresAtTheSameTimeAreAllCounted() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Quarantine quarantine = open(catalog, 100_000);
      ExecutorService threads = Executors.newFixedThreadPool(8);
      try {
        List<Future<QuarantineEntry>> calls = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
          calls.add(threads.submit(() -> quarantine.failed(ID, QuarantineStage.ARCHIVE, "no")));
        }
        for (Future<QuarantineEntry> call : calls) {
          call.get();
        }
      } finally {
        threads.shutdownNow();
      }
      assertThat(quarantine.find(ID).orElseThrow().attempts()).isEqualTo(400);
    }
  }

  @Test
  void thereIsAMostOfEntriesAndOneTooManyIsTriedAgainAsBefore() throws Exception {
    try (SegmentCatalog catalog = catalog()) {
      Notes<QuarantineEntry> notes = catalog.notes(QuarantineEntry.FORMAT);
      for (long i = 0; i < 3; i++) {
        SegmentId id = Segments.sealed(i).id();
        notes.update(
            id.path(),
            known -> Optional.of(new QuarantineEntry(id, QuarantineStage.READ, "r", 0, 0, 1, 0)),
            2);
      }
      assertThat(notes.all()).hasSize(2);
    }
  }

  @Test
  void whatIsNoEntryIsRefused() {
    assertThatThrownBy(() -> QuarantineEntry.FORMAT.parse("[]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a note of the kind quarantine, got '[]'");
    QuarantineEntry entry = new QuarantineEntry(ID, QuarantineStage.READ, "r", 0, 0, 1, 0);
    String json = QuarantineEntry.FORMAT.toJson(entry);
    assertThat(QuarantineEntry.FORMAT.parse(json)).isEqualTo(entry);
    assertThatThrownBy(
            () -> QuarantineEntry.FORMAT.parse(json.replace(QuarantineStage.READ.label(), "moon")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 'moon'");
  }
}
