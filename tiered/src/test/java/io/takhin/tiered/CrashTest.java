package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.takhin.tiered.FaultyStore.Op;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.ObjectMismatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Crashes before and after every durable step of a story that makes all of them, opens what is left
 * on the disk and in the bucket, and checks what is never broken.
 */
final class CrashTest {
  private static final int BYTES = 3000;
  private static final SegmentId KEPT = SegmentId.of("orders", 0, 0);
  private static final SegmentId ABANDONED = SegmentId.of("orders", 0, 100);
  private static final SegmentId REFUTED = SegmentId.of("orders", 0, 200);
  private static final SegmentId DELETED = SegmentId.of("gone", 0, 0);
  private static final List<SegmentId> ALL = List.of(KEPT, ABANDONED, REFUTED, DELETED);

  @TempDir Path temporary;

  @Test
  void storyMakesEveryDurableStep() throws Exception {
    SimulatedCrash.At never = SimulatedCrash.At.never();
    try (Site site = new Site(temporary.resolve("story"))) {
      tell(site, never);
    }
    assertThat(never.steps()).contains(DurableStep.values());
  }

  @TestFactory
  Stream<DynamicTest> nothingIsLostByACrash() throws Exception {
    SimulatedCrash.At never = SimulatedCrash.At.never();
    try (Site site = new Site(temporary.resolve("rehearsal"))) {
      tell(site, never);
    }
    List<String> moments = never.moments();
    return IntStream.range(0, moments.size())
        .mapToObj(index -> dynamicTest(index + " " + moments.get(index), () -> crashAt(index)));
  }

  private void crashAt(int moment) throws Exception {
    // Given a crash, and what it left on the disk and in the bucket
    SimulatedCrash.At crash = SimulatedCrash.At.moment(moment);
    try (Site site = new Site(temporary.resolve("crashed-" + moment))) {
      assertThatThrownBy(() -> tell(site, crash)).hasRootCauseInstanceOf(SimulatedCrash.class);
      assertThat(crash.crashed()).isTrue();
      site.store.heal();
      Path image = copy(site.root, temporary.resolve("image-" + moment));

      // When it is opened anew
      try (TieredStorageManager tiers = reopen(site, image)) {
        // Then everything can be read at once, while the recovery may still be going on
        requireReadable(tiers, crash);
        // and when it has ended nothing is left over
        tiers.runPolicy();
        assertThat(tiers.stats().unfinished()).isZero();
        requireNoLeftovers(site, tiers, image);
        requireArchivable(tiers, image);
        requireReadable(tiers, crash);
      }
    }
  }

  private static TieredStorageManager reopen(Site site, Path image) throws Exception {
    return TieredStorageManager.open(
        Site.options(image).build(),
        site.store,
        new DirectorySegments(image),
        site.meters,
        site.clock);
  }

  /** A story that makes every durable step; ends with the first crash. */
  private static void tell(Site site, SimulatedCrash.At steps) throws Exception {
    TieredStorageManager tiers = site.open(options -> options, Site.steps(steps));
    for (SegmentId id : ALL) {
      tiers.register(site.write(id, BYTES));
    }
    await(tiers.archive(KEPT, "story"));
    await(tiers.restore(KEPT, "story"));

    site.store.refuse(Op.PUT, "100.log");
    requireFailure(StoreException.Unavailable.class, tiers.archive(ABANDONED, "story"));
    site.store.heal();

    try (var reader = await(tiers.open(REFUTED, "story"))) {
      SegmentMetadata archived = await(tiers.archive(reader.files().id(), "story"));
      site.bucket.delete(archived.objectKey().orElseThrow());
    }
    requireFailure(ObjectMismatchException.class, tiers.archive(REFUTED, "story"));

    await(tiers.archive(DELETED, "story"));
    await(tiers.restore(DELETED, "story"));
    await(tiers.deletePartition(DELETED.partition()));
    Awaitility.await().until(() -> steps.crashed() || tiers.find(DELETED).isEmpty());
    if (steps.crashed()) {
      throw new ExecutionException(new SimulatedCrash("in the background"));
    }
  }

  /** Anything else that went wrong is passed on, because it may be the crash. */
  private static void requireFailure(
      Class<? extends Exception> expected, CompletableFuture<SegmentMetadata> outcome)
      throws Exception {
    try {
      SegmentMetadata unexpected = await(outcome);
      throw new AssertionError("expected a failure, got " + unexpected);
    } catch (IOException e) {
      assertThat(e).isInstanceOf(expected);
    }
  }

  private static void requireReadable(TieredStorageManager tiers, SimulatedCrash.At crash)
      throws Exception {
    for (SegmentId id : ALL) {
      boolean mayBeGone = id.equals(DELETED) && crash.steps().contains(DurableStep.RECORD_DELETE);
      boolean isGone =
          tiers
              .find(id)
              .map(segment -> segment.state() instanceof SegmentState.Deleting)
              .orElse(true);
      if (!(mayBeGone && isGone)) {
        assertThat(read(tiers, id)).as("content of %s", id).isEqualTo(content(id, BYTES));
      }
    }
  }

  private static void requireNoLeftovers(Site site, TieredStorageManager tiers, Path image)
      throws Exception {
    assertThat(site.bucket.pendingUploads("")).isEmpty();
    for (var object : site.bucket.list("", null, 1000)) {
      String key = object.key().value();
      String stem = key.substring(0, key.indexOf('.', key.lastIndexOf('/')));
      assertThat(site.bucket.head(new ObjectKey(stem + ".manifest.json")))
          .as("manifest for %s", key)
          .isPresent();
      SegmentId id = SegmentId.parse(stem.substring("cluster/".length()) + ".log");
      assertThat(tiers.find(id)).as("segment of %s", key).isPresent();
    }
    for (String file : Site.files(image)) {
      assertThat(file).doesNotContain(".part-");
      String below = file.startsWith(".restored/") ? file.substring(".restored/".length()) : file;
      SegmentId id = SegmentId.parse(below.substring(0, below.indexOf('.')) + ".log");
      assertThat(tiers.find(id).map(segment -> segment.state().isLocal()))
          .as("segment of local file %s", file)
          .contains(true);
    }
  }

  /** What has to be uploaded once more is found by the first try and uploaded by the second. */
  private static void requireArchivable(TieredStorageManager tiers, Path image) throws Exception {
    for (PartitionId partition : List.copyOf(tiers.partitions())) {
      for (SegmentMetadata segment : tiers.segments(partition)) {
        SegmentMetadata archived;
        try {
          archived = await(tiers.archive(segment.id(), "check"));
        } catch (ObjectMismatchException e) {
          assertThat(segment.id()).isEqualTo(REFUTED);
          archived = await(tiers.archive(segment.id(), "check"));
        }
        assertThat(archived.isArchived()).as("archived %s", archived).isTrue();
      }
    }
    assertThat(Site.files(image)).isEmpty();
  }

  private static Path copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else {
        Files.copy(file, target);
      }
    }
    return to;
  }
}
