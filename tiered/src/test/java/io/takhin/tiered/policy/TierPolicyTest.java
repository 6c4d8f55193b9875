package io.takhin.tiered.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.catalog.UploadIntent;
import io.takhin.tiered.policy.Decision.Action;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TierPolicyTest {
  private static final TierPolicy POLICY =
      new TierPolicy(Duration.ofMillis(72), Duration.ofMillis(168), Duration.ofMillis(10), true);
  private static final SegmentMetadata LOCAL =
      SegmentMetadata.sealed(SegmentId.of("t", 0, 0), 100, 1, 1_000, 1_000);
  private static final SegmentState.Uploading UPLOADING =
      new SegmentState.Local()
          .begin(
              new UploadIntent("a", new ObjectKey("p/00000000000000000000.manifest.json"), 1_100));
  private static final SegmentState.Archived ARCHIVED =
      UPLOADING.commit(
          new Receipt(
              UPLOADING.intent().manifest(),
              List.of(
                  new ArchivedFile(
                      FileKind.LOG,
                      new ObjectKey("p/00000000000000000000.log"),
                      1_000,
                      Crc32c.EMPTY)),
              1_200));

  @ParameterizedTest
  @CsvSource({
    "0, HOT, NONE, 1072",
    "999, HOT, NONE, 1072",
    "1071, HOT, NONE, 1072",
    "1072, WARM, NONE, 1168",
    "1167, WARM, NONE, 1168",
    "1168, COLD, ARCHIVE, 9223372036854775807",
    "9223372036854775807, COLD, ARCHIVE, 9223372036854775807"
  })
  void aLocalSegmentAgesFromItsLastWrite(long now, Tier tier, Action action, long nextDue) {
    assertThat(POLICY.decide(LOCAL, now)).isEqualTo(new Decision(tier, action, nextDue));
  }

  @Test
  void aSegmentOnItsWayIsLeftAlone() {
    SegmentMetadata uploading = LOCAL.withState(UPLOADING);

    assertThat(POLICY.decide(uploading, 5_000))
        .isEqualTo(new Decision(Tier.COLD, Action.NONE, Decision.NEVER));
  }

  @ParameterizedTest
  @CsvSource({
    "1209, COLD, NONE, 1210",
    "1210, COLD, RECLAIM, 9223372036854775807",
    "1050, HOT, NONE, 1072"
  })
  void anArchivedSegmentIsFreedAfterItsResidency(long now, Tier tier, Action action, long nextDue) {
    SegmentMetadata archived = LOCAL.withState(ARCHIVED);

    assertThat(POLICY.decide(archived, now)).isEqualTo(new Decision(tier, action, nextDue));
  }

  @Test
  void aSegmentInTheBucketOnlyIsColdForGood() {
    SegmentMetadata remote = LOCAL.withState(ARCHIVED.reclaim());

    assertThat(POLICY.decide(remote, 0))
        .isEqualTo(new Decision(Tier.COLD, Action.NONE, Decision.NEVER));
  }

  @ParameterizedTest
  @CsvSource({
    "9000, HOT, NONE, 9072",
    "9167, WARM, NONE, 9168",
    "9168, COLD, RECLAIM, 9223372036854775807"
  })
  void aRestoredSegmentAgesFromItsLastAccess(long now, Tier tier, Action action, long nextDue) {
    SegmentMetadata restored =
        LOCAL.withState(ARCHIVED.reclaim().restore()).withLastAccessMillis(9_000);

    assertThat(POLICY.decide(restored, now)).isEqualTo(new Decision(tier, action, nextDue));
  }

  @Test
  void withoutAutomaticArchivingTiersAreToldAndNothingIsDone() {
    TierPolicy manual = new TierPolicy(Duration.ZERO, Duration.ZERO, Duration.ZERO, false);

    assertThat(manual.decide(LOCAL, 5_000).action()).isEqualTo(Action.NONE);
    assertThat(manual.decide(LOCAL, 5_000).tier()).isEqualTo(Tier.COLD);
  }

  @Test
  void anAgeBeyondTheEndOfTimeIsNeverReached() {
    Duration endless = Duration.ofMillis(Long.MAX_VALUE);
    TierPolicy never = new TierPolicy(endless, endless, Duration.ZERO, true);

    assertThat(never.decide(LOCAL, Long.MAX_VALUE - 1))
        .isEqualTo(new Decision(Tier.HOT, Action.NONE, Decision.NEVER));
  }

  @Test
  void agesThatContradictEachOtherAreRefused() {
    assertThatThrownBy(
            () -> new TierPolicy(Duration.ofHours(2), Duration.ofHours(1), Duration.ZERO, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("warmAge=PT2H coldAge=PT1H");
  }
}
