package io.takhin.tiered;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.verify.Finding;
import io.takhin.tiered.verify.Finding.Outcome;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each known damage is found by the level that is said to find it, and repaired if it can be. */
class DamageCatalogTest {
  @TempDir Path root;

  @ParameterizedTest
  @EnumSource(Damage.class)
  void damageIsFoundAndRepaired(Damage damage) throws Exception {
    try (DamageScene scene = new DamageScene(root)) {
      // Given
      damage.doing.to(scene);

      // When it is looked for, then the level that is said to find it does, and none before
      for (Level level : Level.values()) {
        VerifyReport report = scene.verify(level, false);
        assertThat(report.problem()).isNull();
        if (level.compareTo(damage.foundBy) < 0) {
          assertThat(report.findings()).as("findings of " + level).isEmpty();
        } else {
          assertThat(report.findings())
              .as("findings of " + level)
              .anyMatch(found -> isOf(found, damage))
              .allMatch(found -> found.outcome() == Outcome.REPORTED);
        }
      }

      // When it is repaired
      VerifyReport repaired = scene.verify(Level.CONTENT, true);

      // Then it is as it was, or is quarantined, or left to the sweeper
      assertThat(repaired.findings())
          .anyMatch(found -> isOf(found, damage) && found.outcome() == damage.outcome);
      VerifyReport after = scene.verify(Level.CONTENT, false);
      if (damage.outcome == Outcome.REPAIRED) {
        assertThat(after.findings()).isEmpty();
        assertThat(after.isClean()).isTrue();
        for (SegmentId id : DamageScene.ALL) {
          assertThat(scene.read(id)).as("log of " + id).isEqualTo(scene.original(id));
        }
        assertThat(scene.tiers().quarantine().list()).isEmpty();
      } else {
        assertThat(after.findings()).anyMatch(found -> isOf(found, damage));
        assertThat(after.isClean()).isFalse();
        assertThat(scene.tiers().quarantine().list().isEmpty())
            .isEqualTo(damage.outcome == Outcome.REPORTED);
      }
    }
  }

  private static boolean isOf(Finding found, Damage damage) {
    return found.kind() == damage.kind || found.kind() == damage.orKind;
  }

  @Test
  void nothingIsFoundWhereNothingIsWrong() throws Exception {
    try (DamageScene scene = new DamageScene(root)) {
      List<String> before = Site.keys(scene.bucket);
      for (Level level : Level.values()) {
        VerifyReport report = scene.verify(level, true);
        assertThat(report.findings()).isEmpty();
        assertThat(report.unconfirmed()).isZero();
        assertThat(report.segmentsChecked()).isEqualTo(DamageScene.ALL.size());
        assertThat(report.isClean()).isTrue();
      }
      assertThat(Site.keys(scene.bucket)).isEqualTo(before);
    }
  }

  @Test
  void aRepairOverwritesOnlyWhatIsBadAndOnlyByWhatIsProved() throws Exception {
    try (DamageScene scene = new DamageScene(root)) {
      // Given a lost index beside a sound log, and a log that is bad in the bucket and worse here
      ObjectKey index = DamageScene.key(DamageScene.RESTORED, "index");
      ObjectKey sound = DamageScene.key(DamageScene.RESTORED, "log");
      ObjectKey bad = DamageScene.key(DamageScene.ARCHIVED, "log");
      scene.delete(index);
      scene.flipWithChecksum(bad);
      Files.write(
          scene.file(DamageScene.ARCHIVED, FileKind.LOG),
          new byte[scene.original(DamageScene.ARCHIVED).length]);
      Instant written = scene.bucket.head(sound).orElseThrow().lastModified();
      byte[] flipped = scene.object(bad);

      // When both are to be repaired
      VerifyReport report = scene.verify(Level.CONTENT, true);

      // Then the index is, and neither log was written
      assertThat(report.findings())
          .extracting(Finding::outcome)
          .contains(Outcome.REPAIRED, Outcome.QUARANTINED);
      assertThat(scene.bucket.head(index)).isPresent();
      assertThat(scene.bucket.head(sound).orElseThrow().lastModified()).isEqualTo(written);
      assertThat(scene.object(bad)).isEqualTo(flipped);
    }
  }
}
