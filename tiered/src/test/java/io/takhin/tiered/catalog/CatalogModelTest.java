package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories against a map that is obviously right. A thousand histories share a catalog,
 * each on a partition of its own, many at the same time: so their changes meet in one commit, and a
 * history is the same for the same seed all the same. After each round the catalog is closed and
 * opened again, and everything is compared. A failure names the seed; {@code -Dtakhin.seed} sets
 * it.
 */
class CatalogModelTest {
  private static final int ROUNDS = 10;
  private static final int HISTORIES_PER_ROUND = 100;
  private static final int THREADS = 50;
  private static final int STEPS = 30;
  private static final int SEGMENTS = 12;
  private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(50_000), ZoneOffset.UTC);

  @TempDir Path directory;
  private final Map<SegmentId, SegmentMetadata> model = new ConcurrentSkipListMap<>();
  private SegmentCatalog catalog;

  @BeforeEach
  void open() throws CatalogException {
    catalog = SegmentCatalog.open(directory.resolve("catalog.db"), CLOCK);
  }

  @AfterEach
  void close() throws CatalogException {
    catalog.close();
  }

  @Test
  void theCatalogAgreesWithThePlainMap() throws Exception {
    long seed = Long.getLong("takhin.seed", new Random().nextLong());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    for (int round = 0; round < ROUNDS; round++) {
      List<Callable<@Nullable Void>> histories = new ArrayList<>();
      for (int i = 0; i < HISTORIES_PER_ROUND; i++) {
        int history = round * HISTORIES_PER_ROUND + i;
        histories.add(() -> run(seed, history));
      }
      for (Future<@Nullable Void> done : threads.invokeAll(histories)) {
        done.get();
      }
      close();
      open();
      List<SegmentMetadata> all = new ArrayList<>();
      catalog.forEach(all::add);
      assertThat(all).as("seed %d", seed).isEqualTo(List.copyOf(model.values()));
      assertThat(catalog.stats().byState()).as("seed %d", seed).isEqualTo(countStates());
    }
    threads.shutdown();
  }

  private @Nullable Void run(long seed, int history) throws CatalogException {
    Random random = new Random(seed + history);
    PartitionId partition = new PartitionId("topic-" + history % 7, history);
    for (int step = 0; step < STEPS; step++) {
      act(random, partition);
    }
    compare(seed, partition);
    return null;
  }

  private void act(Random random, PartitionId partition) throws CatalogException {
    SegmentMetadata fresh = Segments.sealed(partition, random.nextInt(SEGMENTS));
    SegmentId id = fresh.id();
    SegmentMetadata known = model.get(id);
    switch (random.nextInt(5)) {
      case 0 -> {
        catalog.register(fresh);
        model.putIfAbsent(id, fresh);
      }
      case 1 -> {
        long accessMillis = 11_000L + random.nextInt(20_000);
        catalog.touch(id, accessMillis);
        if (known != null && accessMillis - known.lastAccessMillis() >= 1_000) {
          model.put(id, known.withLastAccessMillis(accessMillis));
        }
      }
      case 2 -> {
        if (known != null && canBeForgotten(known.state())) {
          catalog.forget(id, known.state(), "test");
          model.remove(id);
        }
      }
      default -> {
        if (known != null) {
          move(random, known);
        }
      }
    }
  }

  private static boolean canBeForgotten(SegmentState state) {
    return state instanceof SegmentState.Local || state instanceof SegmentState.Deleting;
  }

  private void move(Random random, SegmentMetadata known) throws CatalogException {
    Optional<SegmentState> next = next(random, known);
    if (next.isEmpty()) {
      return;
    }
    catalog.transition(known.id(), known.state(), next.get(), "test");
    SegmentMetadata moved = known.withState(next.get());
    if (!next.get().isLocal()) {
      moved = moved.withTier(Tier.COLD);
    } else if (next.get() instanceof SegmentState.Restored) {
      moved = moved.withTier(Tier.HOT).withLastAccessMillis(CLOCK.millis());
    }
    model.put(known.id(), moved);
  }

  private static Optional<SegmentState> next(Random random, SegmentMetadata known) {
    boolean usual = random.nextInt(4) != 0;
    SegmentState state = known.state();
    if (state instanceof SegmentState.Local) {
      return Optional.of(Segments.uploading(known.id()));
    } else if (state instanceof SegmentState.Uploading uploading) {
      return Optional.of(
          usual ? uploading.commit(Segments.receipt(known.id())) : uploading.abandon());
    } else if (state instanceof SegmentState.Archived archived) {
      return Optional.of(usual ? archived.reclaim() : archived.delete(5, 5));
    } else if (state instanceof SegmentState.RemoteOnly remote) {
      return Optional.of(usual ? remote.restore() : remote.delete(5, 9));
    } else if (state instanceof SegmentState.Restored restored) {
      return Optional.of(usual ? restored.reclaim() : restored.delete(5, 7));
    } else if (state instanceof SegmentState.Deleting deleting) {
      return Optional.of(
          usual ? deleting.undelete() : deleting.tombstoned(!deleting.isTombstoned()));
    }
    return Optional.empty();
  }

  private void compare(long seed, PartitionId partition) {
    List<SegmentMetadata> expected = new ArrayList<>();
    for (int index = 0; index < SEGMENTS; index++) {
      SegmentId id = Segments.sealed(partition, index).id();
      SegmentMetadata segment = model.get(id);
      assertThat(catalog.find(id)).as("seed %d", seed).isEqualTo(Optional.ofNullable(segment));
      assertThat(catalog.covering(partition, id.baseOffset() + 50))
          .as("seed %d", seed)
          .isEqualTo(Optional.ofNullable(segment));
      if (segment != null) {
        expected.add(segment);
      }
    }
    assertThat(catalog.segments(partition)).as("seed %d", seed).isEqualTo(expected);
    assertThat(catalog.partitions().contains(partition))
        .as("seed %d", seed)
        .isEqualTo(!expected.isEmpty());
  }

  private Map<String, Long> countStates() {
    Map<String, Long> counts = new TreeMap<>();
    SegmentState.LABELS.forEach(label -> counts.put(label, 0L));
    model.values().forEach(segment -> counts.merge(segment.state().label(), 1L, Long::sum));
    return counts;
  }
}
