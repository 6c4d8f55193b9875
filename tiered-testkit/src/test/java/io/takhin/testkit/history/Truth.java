package io.takhin.testkit.history;

import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What the bucket really holds, and what has to be true of it before a step is made. */
final class Truth {
  private final World world;

  Truth(World world) {
    this.world = world;
  }

  /** Called right before each step, by any process. */
  void witness(DurableStep step, SegmentId id) {
    switch (step) {
      case FREE_LOCAL_FILES -> requireTrueCopy(id);
      case RECORD_GAP -> requireWorthGivingUp(id);
      case SHED_LOCAL_FILES -> {
        if (world.tiers().gaps().covering(id.partition(), id.baseOffset()).isEmpty()) {
          world.violations.add("records go and no gap says so: " + id);
        }
      }
      default -> {}
    }
  }

  private void requireWorthGivingUp(SegmentId id) {
    Optional<SegmentState> state = world.tiers().find(id).map(SegmentMetadata::state);
    boolean onlyHere = state.filter(one -> one.receipt().isEmpty()).isPresent();
    if (!world.machine.mayShed() || !onlyHere || world.model.isHeld(id)) {
      world.violations.add("given up without need: " + id + " " + state);
    }
    world.model.find(id).orElseThrow().givenUp();
  }

  /** Right before local files go: the bucket has to hold the same bytes, and a manifest. */
  private void requireTrueCopy(SegmentId id) {
    try {
      if (!isTrulyStored(world.model.find(id).orElseThrow())) {
        world.violations.add("local files go and the bucket has no true copy: " + id);
      }
    } catch (IOException e) {
      world.violations.add("cannot look into the bucket: " + e);
    }
  }

  boolean hasManifest(SegmentId id) throws IOException {
    return world.bucket.head(World.key(id, "manifest.json")).isPresent();
  }

  /** Whether the bucket has all of it, byte for byte, and a manifest. */
  boolean isTrulyStored(Written written) throws IOException {
    if (!hasManifest(written.id())) {
      return false;
    }
    for (Map.Entry<FileKind, byte[]> file : written.files().entrySet()) {
      ObjectKey key = World.key(written.id(), file.getKey().extension());
      if (!Arrays.equals(world.object(key).orElse(null), file.getValue())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Requires the bucket to have what the catalog has a proof of, and to call none of it deleted.
   *
   * @throws NotNowException if it does not
   */
  void requireWhole() throws NotNowException, IOException {
    for (SegmentMetadata segment : world.catalog()) {
      SegmentState state = segment.state();
      if (state.receipt().isEmpty() || state instanceof SegmentState.Deleting) {
        continue;
      }
      boolean isWhole =
          isTrulyStored(world.model.find(segment.id()).orElseThrow())
              && world.bucket.head(World.tombstone(segment.id())).isEmpty();
      if (!isWhole) {
        throw new NotNowException("the bucket has lost some of " + segment.id());
      }
    }
  }
}
