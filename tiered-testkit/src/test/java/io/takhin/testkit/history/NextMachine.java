package io.takhin.testkit.history;

import io.takhin.testkit.history.Model.Fate;
import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.archive.GapRecords;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.rebuild.CatalogRebuild;
import io.takhin.tiered.rebuild.RebuildOptions;
import io.takhin.tiered.rebuild.RebuildReport;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The data directory is gone, and a catalog is made from the bucket alone. Whatever the bucket had
 * as a whole is there again; what only the machine had is not, and the log goes on behind what is.
 */
final class NextMachine {
  private static final int MOST_GAPS = 1000;

  private final World world;

  private NextMachine(World world) {
    this.world = world;
  }

  /**
   * @throws NotNowException while the bucket is damaged: then it is not the machine alone that was
   *     lost
   */
  static String rebuild(World world) throws Exception {
    world.letAllGo();
    world.machine.awaitQuiet();
    world.deliverLate(); // What the lost machine had sent has arrived long before.
    world.truth.requireWhole();
    RebuildReport would =
        CatalogRebuild.dryRun(world.bucket, RebuildOptions.fromBucketAlone(Machine.PREFIX));
    if (would.damageCount() > 0) {
      throw new NotNowException("the bucket is damaged: " + would.problems());
    }
    for (Written written : world.model.all()) {
      if (world.truth.hasManifest(written.id()) && !world.truth.isTrulyStored(written)) {
        throw new NotNowException("the bucket has lost some of " + written.id());
      }
    }
    world.machine.lose();
    world.otherWriters();
    new NextMachine(world).takeStock();
    world.machine.rebuild(world.bucket);
    return "segments=" + world.catalog().size();
  }

  /** What the next machine has to know. */
  private void takeStock() throws IOException {
    List<Gap> gaps = gaps(world);
    Map<PartitionId, Long> ends = new HashMap<>();
    for (Written written : world.model.all()) {
      boolean isKnown;
      if (world.truth.isTrulyStored(written)) {
        written.survivedMachine(world.bucket.head(World.tombstone(written.id())).isPresent());
        isKnown = true;
      } else {
        isKnown = written.fate() == Fate.KEPT && written.isGivenUp() && isWithin(gaps, written);
        if (!isKnown) {
          written.lostWithMachine();
        }
      }
      if (isKnown) {
        ends.merge(written.id().partition(), written.sealed.endOffset(), Math::max);
      }
    }
    world.model.nextLife(ends);
  }

  static boolean isWithin(List<Gap> gaps, Written written) {
    return gaps.stream()
        .anyMatch(
            gap ->
                gap.partition().equals(written.id().partition())
                    && gap.contains(written.id().baseOffset()));
  }

  /** The gaps that the bucket has records of. */
  static List<Gap> gaps(World world) throws IOException {
    List<Gap> gaps = new ArrayList<>();
    for (StoredObject object :
        world.bucket.list(Machine.PREFIX + "/.takhin/gaps/", null, MOST_GAPS)) {
      ObjectKey key = object.key();
      gaps.add(GapRecords.parse(key, world.object(key).orElseThrow()));
    }
    return gaps;
  }
}
