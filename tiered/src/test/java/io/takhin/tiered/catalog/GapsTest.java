package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GapsTest {
  private static final PartitionId PARTITION = new PartitionId("orders", 1);

  @TempDir Path dir;

  private SegmentCatalog catalog;
  private Gaps gaps;

  @BeforeEach
  void open() throws CatalogException {
    catalog = SegmentCatalog.open(dir.resolve("catalog.db"), Clock.systemUTC());
    gaps = new Gaps(catalog);
  }

  @AfterEach
  void close() throws CatalogException {
    catalog.close();
  }

  private void reopen() throws CatalogException {
    close();
    open();
  }

  private static SegmentMetadata segment(long from, long to) {
    return SegmentMetadata.sealed(new SegmentId(PARTITION, from), to, to * 10, 1000, to * 10);
  }

  private void drop(long from, long to) throws CatalogException {
    gaps.open(segment(from, to), to, "disk full");
  }

  private List<String> ranges() {
    return gaps.all().stream()
        .map(gap -> gap.fromOffset() + "-" + gap.toOffset() + ":" + gap.bytes())
        .toList();
  }

  @Test
  void gapsThatTouchAreOne() throws CatalogException {
    drop(0, 100);
    drop(100, 200);
    drop(300, 400);
    assertThat(ranges()).containsExactly("0-200:2000", "300-400:1000");
    drop(200, 300);
    assertThat(ranges()).containsExactly("0-400:4000");
    assertThat(gaps.all().get(0))
        .isEqualTo(new Gap(PARTITION, 0, 400, 4, 4000, 4000, 400, "disk full"));
    reopen();
    assertThat(ranges()).containsExactly("0-400:4000");
    assertThat(gaps.count()).isEqualTo(1);
    assertThat(gaps.lostBytes()).isEqualTo(4000);
  }

  @Test
  void repeatingChangesNothing() throws CatalogException {
    drop(0, 100);
    drop(100, 200);
    drop(0, 100);
    assertThat(ranges()).containsExactly("0-200:2000");
  }

  @Test
  void readersFindTheNextOffsetThatMayExist() throws CatalogException {
    drop(100, 200);
    drop(300, 400);
    drop(200, 300); // swallows the gap behind it
    assertThat(gaps.firstAfter(PARTITION, 99)).isEqualTo(99);
    assertThat(gaps.firstAfter(PARTITION, 100)).isEqualTo(400);
    assertThat(gaps.firstAfter(PARTITION, 350)).isEqualTo(400);
    assertThat(gaps.firstAfter(PARTITION, 400)).isEqualTo(400);
    assertThat(gaps.firstAfter(new PartitionId("orders", 11), 150)).isEqualTo(150);
    assertThat(gaps.firstAfter(new PartitionId("orders", 0), 150)).isEqualTo(150);
  }

  @Test
  void whatIsThereAfterAllIsCutOut() throws CatalogException {
    drop(0, 100);
    drop(100, 200);
    drop(200, 300);
    gaps.close(segment(100, 200));
    assertThat(ranges()).containsExactly("0-100:1000", "200-300:1000");
    gaps.close(segment(0, 100));
    gaps.close(segment(0, 100));
    assertThat(ranges()).containsExactly("200-300:1000");
    gaps.close(segment(200, 300));
    assertThat(ranges()).isEmpty();
    reopen();
    assertThat(ranges()).isEmpty();
  }

  @Test
  void theBucketIsToldOfEveryChange() throws CatalogException {
    drop(0, 100);
    Gap first = gaps.unpublished().get(0);
    drop(100, 200);
    gaps.published(first); // too late, it has grown
    assertThat(gaps.unpublished()).hasSize(1);
    gaps.published(gaps.unpublished().get(0));
    assertThat(gaps.unpublished()).isEmpty();
    reopen();
    assertThat(gaps.unpublished()).isEmpty();

    gaps.closeAll(PARTITION);
    assertThat(gaps.all()).isEmpty();
    assertThat(gaps.retired()).hasSize(1);
    gaps.removed(gaps.retired().get(0));
    assertThat(gaps.retired()).isEmpty();
  }

  @Test
  void aGapThatACrashLeftTwiceIsOneAfterTheStart() throws CatalogException {
    drop(100, 200);
    catalog
        .notes(GapNote.FORMAT)
        .put(
            "orders-1/00000000000000000000",
            new GapNote(
                new Gap(PARTITION, 0, 200, 2, 2000, 1, 1, "disk full"), GapNote.Status.NEW));
    reopen();
    assertThat(ranges()).containsExactly("0-200:2000");
    assertThat(gaps.retired()).hasSize(1);
    assertThat(gaps.firstAfter(PARTITION, 150)).isEqualTo(200);
  }
}
