package io.takhin.tiered.catalog;

import static io.takhin.tiered.catalog.Segments.LOCAL;
import static io.takhin.tiered.catalog.Segments.ORDERS;
import static io.takhin.tiered.catalog.Segments.archived;
import static io.takhin.tiered.catalog.Segments.sealed;
import static io.takhin.tiered.catalog.Segments.uploading;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentCatalogTest {
  private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(99_000), ZoneOffset.UTC);

  @TempDir Path directory;
  private SegmentCatalog catalog;

  @BeforeEach
  void open() throws CatalogException {
    catalog = SegmentCatalog.open(directory.resolve("catalog.db"), CLOCK);
  }

  @AfterEach
  void close() throws CatalogException {
    catalog.close();
  }

  private void reopen() throws CatalogException {
    close();
    open();
  }

  @Test
  void aRestartForgetsNothing() throws CatalogException {
    SegmentId local = catalog.register(sealed(0)).id();
    SegmentId sending = catalog.register(sealed(1)).id();
    SegmentId remote = catalog.register(sealed(2)).id();
    catalog.transition(sending, LOCAL, uploading(sending), "test");
    Segments.toRemoteOnly(catalog, remote);
    List<SegmentMetadata> before = catalog.segments(ORDERS);

    reopen();

    assertThat(catalog.segments(ORDERS)).isEqualTo(before);
    assertThat(catalog.find(local)).contains(sealed(0));
    assertThat(catalog.find(sending).orElseThrow().state()).isEqualTo(uploading(sending));
    assertThat(catalog.find(remote).orElseThrow().state()).isEqualTo(archived(remote).reclaim());
  }

  @Test
  void registeringAKnownSegmentReturnsWhatIsKnown() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();
    SegmentMetadata moved = catalog.transition(id, LOCAL, uploading(id), "test");

    SegmentMetadata again = catalog.register(sealed(0));

    assertThat(again).isEqualTo(moved);
  }

  @Test
  void anUnknownSegmentCannotMove() {
    SegmentId id = sealed(0).id();

    assertThatThrownBy(() -> catalog.transition(id, LOCAL, uploading(id), "test"))
        .isInstanceOf(CatalogException.UnknownSegment.class)
        .hasMessageContaining(id.path());
  }

  @Test
  void repeatingAMoveIsNotAnError() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();
    SegmentMetadata first = catalog.transition(id, LOCAL, uploading(id), "test");

    SegmentMetadata second = catalog.transition(id, LOCAL, uploading(id), "test");

    assertThat(second).isEqualTo(first);
    assertThat(catalog.stats().transitions()).containsEntry("uploading", 1L);
  }

  @Test
  void ofTwoAttemptsOneLoses() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();
    SegmentState.Uploading won = uploading(id);
    SegmentState.Uploading lost =
        LOCAL.begin(new UploadIntent("attempt-2", won.intent().manifest(), 20_001));
    catalog.transition(id, LOCAL, won, "test");

    assertThatThrownBy(() -> catalog.transition(id, LOCAL, lost, "test"))
        .isInstanceOfSatisfying(
            CatalogException.Conflict.class,
            conflict -> assertThat(conflict.current().state()).isEqualTo(won));
  }

  @Test
  void aStateOfAnotherSegmentsProofIsAnIllegalMove() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();
    SegmentState.Archived own = archived(id);
    SegmentState.RemoteOnly others = archived(sealed(1).id()).reclaim();

    assertThatThrownBy(() -> catalog.transition(id, own, others, "test"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("illegal move");
  }

  @Test
  void aSegmentThatComesBackWasJustAccessed() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();
    Segments.toRemoteOnly(catalog, id);
    SegmentState.RemoteOnly remote = archived(id).reclaim();

    SegmentMetadata restored = catalog.transition(id, remote, remote.restore(), "test");

    assertThat(restored.lastAccessMillis()).isEqualTo(CLOCK.millis());
    reopen();
    assertThat(catalog.find(id)).contains(restored);
  }

  @Test
  void aForgottenSegmentIsGoneAfterTheRestartToo() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();

    catalog.forget(id, LOCAL, "topic deleted");
    catalog.forget(id, LOCAL, "topic deleted");

    assertThat(catalog.find(id)).isEmpty();
    assertThat(catalog.partitions()).isEmpty();
    reopen();
    assertThat(catalog.find(id)).isEmpty();
  }

  @Test
  void aSegmentThatMovedIsNotForgotten() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();
    catalog.transition(id, LOCAL, uploading(id), "test");

    assertThatThrownBy(() -> catalog.forget(id, LOCAL, "topic deleted"))
        .isInstanceOf(CatalogException.Conflict.class);
  }

  @Test
  void anOffsetFindsTheSegmentThatHoldsIt() throws CatalogException {
    catalog.registerAll(List.of(sealed(1), sealed(2), sealed(4)));

    assertThat(catalog.covering(ORDERS, 99)).isEmpty();
    assertThat(catalog.covering(ORDERS, 100)).contains(sealed(1));
    assertThat(catalog.covering(ORDERS, 299)).contains(sealed(2));
    assertThat(catalog.covering(ORDERS, 300)).isEmpty();
    assertThat(catalog.covering(ORDERS, 450)).contains(sealed(4));
    assertThat(catalog.covering(ORDERS, 500)).isEmpty();
    assertThat(catalog.covering(new PartitionId("other", 0), 100)).isEmpty();
  }

  @Test
  void theStatsAddUp() throws CatalogException {
    catalog.registerAll(List.of(sealed(0), sealed(1), sealed(2)));
    SegmentId remote = sealed(1).id();
    Segments.toRemoteOnly(catalog, remote);
    catalog.reclassify(sealed(2).id(), Tier.WARM);

    CatalogStats stats = catalog.stats();

    assertThat(stats.segments()).isEqualTo(3);
    assertThat(stats.byTier()).isEqualTo(Map.of(Tier.HOT, 1L, Tier.WARM, 1L, Tier.COLD, 1L));
    assertThat(stats.byState()).containsEntry("local", 2L).containsEntry("remoteonly", 1L);
    assertThat(stats.archivedSegments()).isEqualTo(1);
    assertThat(stats.totalBytes()).isEqualTo(3 * Segments.SIZE_BYTES);
    assertThat(stats.localBytes()).isEqualTo(2 * Segments.SIZE_BYTES);
    assertThat(stats.remoteBytes()).isEqualTo(Segments.SIZE_BYTES);
    assertThat(stats.restoredBytes()).isZero();
  }

  @Test
  void anAccessIsDurableOnceTheCatalogIsClosed() throws CatalogException {
    SegmentId id = catalog.register(sealed(0)).id();

    catalog.touch(id, 77_000);

    assertThat(catalog.find(id).orElseThrow().lastAccessMillis()).isEqualTo(77_000);
    reopen();
    assertThat(catalog.find(id).orElseThrow().lastAccessMillis()).isEqualTo(77_000);
  }

  @Test
  void listenersHearOfChangesInTheirOrder() throws CatalogException {
    List<String> heard = new ArrayList<>();
    catalog.addListener(
        (before, after) ->
            heard.add(
                (before == null ? "-" : before.state().label())
                    + ">"
                    + (after == null ? "-" : after.state().label())));
    SegmentId id = catalog.register(sealed(0)).id();
    catalog.transition(id, LOCAL, uploading(id), "test");
    catalog.transition(id, uploading(id), uploading(id).abandon(), "test");

    catalog.forget(id, LOCAL, "test");

    assertThat(heard).containsExactly("->local", "local>uploading", "uploading>local", "local>-");
  }

  @Test
  void pagesFollowOneAnotherInTheOrderOfTheIds() throws CatalogException {
    PartitionId late = new PartitionId("zebra", 3);
    catalog.registerAll(LongStream.range(0, 5).mapToObj(Segments::sealed).toList());
    catalog.registerAll(List.of(sealed(late, 0), sealed(late, 1)));
    List<SegmentMetadata> listed = new ArrayList<>();

    SegmentId after = null;
    do {
      SegmentPage page = catalog.list(SegmentFilter.ALL, after, 2);
      listed.addAll(page.segments());
      after = page.next().orElse(null);
    } while (after != null);

    assertThat(listed).hasSize(7).isSortedAccordingTo((a, b) -> a.id().compareTo(b.id()));
  }

  @Test
  void aListingShowsWhatItsFilterAccepts() throws CatalogException {
    PartitionId late = new PartitionId("zebra", 3);
    catalog.registerAll(List.of(sealed(0), sealed(1), sealed(late, 0), sealed(late, 1)));
    SegmentId sending = sealed(late, 1).id();
    catalog.transition(sending, LOCAL, uploading(sending), "test");
    SegmentFilter filter = new SegmentFilter("zebra", Tier.HOT, "uploading");

    SegmentPage page = catalog.list(filter, null, 10);

    assertThat(page.segments()).extracting(SegmentMetadata::id).containsExactly(sending);
    assertThat(page.next()).isEmpty();
  }
}
