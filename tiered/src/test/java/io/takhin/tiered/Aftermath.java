package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.transfer.ObjectMismatchException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What has to be true once a scene was interrupted, whatever interrupted it. */
record Aftermath(Site site, Scene scene) {

  /** Everything but what was to be deleted can be read, by itself. */
  void requireReadableBeforeInsisting(TieredStorageManager tiers) throws Exception {
    if (scene.needsInsisting()) {
      requireReadable(tiers, Scene.bystander());
    } else {
      requireReadable(tiers);
    }
  }

  /** Everything but what was to be deleted can be read. */
  void requireReadable(TieredStorageManager tiers) throws Exception {
    for (SegmentId id : scene.ids()) {
      requireReadable(tiers, id);
    }
  }

  private void requireReadable(TieredStorageManager tiers, SegmentId id) throws Exception {
    if (scene.mayGiveUp(id)
        && (tiers.find(id).isEmpty()
            || tiers.gaps().covering(id.partition(), id.baseOffset()).isPresent())) {
      assertThat(tiers.gaps().covering(id.partition(), id.baseOffset()))
          .as("gap of %s", id)
          .isPresent();
      return;
    }
    boolean isGone =
        tiers
            .find(id)
            .map(segment -> segment.state() instanceof SegmentState.Deleting)
            .orElse(true);
    if (!(scene.deletes() && id.equals(scene.id()) && isGone)) {
      assertThat(read(tiers, id)).as("content of %s", id).isEqualTo(scene.content(id));
    }
  }

  /** Nothing is under way, pending, temporary, or without an owner. */
  void requireNoLeftovers(TieredStorageManager tiers, Path root) throws Exception {
    assertThat(tiers.stats().unfinished()).isZero();
    assertThat(site.bucket.pendingUploads("")).isEmpty();
    for (var object : site.bucket.list("", null, 1000)) {
      String key = object.key().value();
      if (key.startsWith("cluster/.takhin/")) {
        requireOwner(tiers, key);
        continue;
      }
      String stem = key.substring(0, key.indexOf('.', key.lastIndexOf('/')));
      assertThat(site.bucket.head(new ObjectKey(stem + ".manifest.json")))
          .as("manifest for %s", key)
          .isPresent();
      SegmentId id = SegmentId.parse(stem.substring("cluster/".length()) + ".log");
      assertThat(tiers.find(id)).as("segment of %s", key).isPresent();
    }
    for (String file : Site.files(root)) {
      assertThat(file).doesNotContain(".part-");
      String below = file.startsWith(".restored/") ? file.substring(".restored/".length()) : file;
      SegmentId id =
          SegmentId.parse(below.substring(0, below.indexOf('.', below.lastIndexOf('/'))) + ".log");
      boolean wasDeleted = scene.deletes() || scene == Scene.UNDELETE;
      boolean isEmbedders = wasDeleted && id.equals(scene.id()) && file.equals(below);
      assertThat(isEmbedders || tiers.find(id).orElseThrow().state().isLocal())
          .as("segment of local file %s", file)
          .isTrue();
    }
  }

  /** What belongs to no segment is of something that the catalog knows. */
  private static void requireOwner(TieredStorageManager tiers, String key) {
    String[] path = key.substring("cluster/.takhin/".length()).split("/", -1);
    String name = path[path.length - 1].replace(".json", "");
    switch (path[0]) {
      case "holds" -> assertThat(tiers.holds().find(name)).as("hold of %s", key).isPresent();
      case "writers" -> assertThat(tiers.stats().writer()).as("writer of %s", key).isNotNull();
      case "gaps" -> assertThat(tiers.gaps().all()).as("gap of %s", key).isNotEmpty();
      case "clock.txt" -> assertThat(path).hasSize(1);
      default -> throw new AssertionError("unexpected object: " + key);
    }
  }

  /** What has to be uploaded once more is found by the first try and uploaded by the second. */
  void requireArchivable(TieredStorageManager tiers) throws Exception {
    for (PartitionId partition : List.copyOf(tiers.partitions())) {
      for (SegmentMetadata segment : tiers.segments(partition)) {
        SegmentMetadata archived;
        try {
          archived = await(tiers.archive(segment.id(), "check"));
        } catch (ObjectMismatchException e) {
          assertThat(scene).as("only where the bucket had lost something").isEqualTo(Scene.REFUTE);
          archived = await(tiers.archive(segment.id(), "check"));
        }
        assertThat(archived.isArchived()).as("archived %s", archived).isTrue();
      }
    }
  }

  /** All that is durable, to be compared. */
  record Rest(
      Map<SegmentId, SegmentState> catalog, Map<String, String> bucket, Set<String> files) {}

  Rest rest(TieredStorageManager tiers, Path root) throws Exception {
    Map<SegmentId, SegmentState> states = new TreeMap<>();
    for (PartitionId partition : List.copyOf(tiers.partitions())) {
      tiers.segments(partition).forEach(one -> states.put(one.id(), one.state()));
    }
    Map<String, String> objects = new TreeMap<>();
    site.bucket.list("", null, 1000).stream()
        .filter(
            object -> !object.key().value().contains("/.takhin/writers/")) // One for each start.
        .forEach(object -> objects.put(object.key().value(), object.etag()));
    return new Rest(states, objects, new HashSet<>(Site.files(root)));
  }
}
