package io.takhin.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SegmentFixtureTest {
  private static final SegmentId ID = SegmentId.of("orders", 3, 12_000);

  @TempDir private Path root;
  @TempDir private Path otherRoot;

  @Test
  void writesASegmentOfTheSizeAskedFor() throws Exception {
    // When
    SegmentFiles files = new SegmentFixture(root, 1).write(ID, 1_500_001);

    // Then
    assertThat(files.log()).hasSize(1_500_001).hasParent(root.resolve("orders-3"));
    assertThat(files.paths()).containsOnlyKeys(FileKind.LOG, FileKind.INDEX, FileKind.TIMEINDEX);
    assertThat(files.path(FileKind.INDEX).orElseThrow()).hasSize(366 * 8);
    assertThat(files.path(FileKind.TIMEINDEX).orElseThrow()).hasSize(366 * 12);
    assertThat(Files.readString(files.log())).startsWith("{\"line\":0,").contains("\"text\":\"");
  }

  @Test
  void writesTheSameBytesForTheSameSeed() throws Exception {
    // When
    SegmentFiles first = new SegmentFixture(root, 7).write(ID, 100_000);
    SegmentFiles again = new SegmentFixture(otherRoot, 7).write(ID, 100_000);

    // Then
    assertThat(SegmentFixture.digests(first)).isEqualTo(SegmentFixture.digests(again));
  }

  @Test
  void writesOtherBytesForAnotherSeedOrSegment() throws Exception {
    // Given
    SegmentFiles first = new SegmentFixture(root, 7).write(ID, 100_000);

    // When
    SegmentFiles otherSeed = new SegmentFixture(otherRoot, 8).write(ID, 100_000);
    SegmentFiles otherSegment =
        new SegmentFixture(root, 7).write(SegmentId.of("orders", 3, 24_000), 100_000);

    // Then
    assertThat(SegmentFixture.digest(otherSeed.log()))
        .isNotEqualTo(SegmentFixture.digest(first.log()));
    assertThat(SegmentFixture.digest(otherSegment.log()))
        .isNotEqualTo(SegmentFixture.digest(first.log()));
  }

  @Test
  void writesAnEmptySegment() throws Exception {
    assertThat(new SegmentFixture(root, 1).write(ID, 0).log()).isEmptyFile();
  }
}
