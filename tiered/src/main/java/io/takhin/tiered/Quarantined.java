package io.takhin.tiered;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.QuarantineEntry;
import io.takhin.tiered.catalog.QuarantineStage;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.policy.PolicyEngine;
import io.takhin.tiered.read.DamagedSegment;
import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The segments that failed by themselves, for whoever wants to see them and have them tried again.
 * Thread-safe; what throws {@link CatalogException} waits for the disk.
 */
public final class Quarantined {
  private final Machinery machinery;
  private final PolicyEngine engine;

  Quarantined(Machinery machinery, PolicyEngine engine) {
    this.machinery = machinery;
    this.engine = engine;
  }

  /**
   * What is held against segments, by their ids: those that are quarantined, and those that failed
   * and are still tried again by themselves. Of what readers found damaged in the bucket a few
   * minutes' worth is known.
   */
  public List<QuarantineEntry> list() {
    List<QuarantineEntry> all = new ArrayList<>(machinery.quarantine.all());
    for (DamagedSegment damaged : machinery.segmentReads.damaged()) {
      if (machinery.quarantine.find(damaged.id()).isEmpty()) {
        all.add(
            new QuarantineEntry(
                damaged.id(),
                QuarantineStage.READ,
                damaged.reason(),
                damaged.sinceMillis(),
                damaged.sinceMillis(),
                damaged.chunks(),
                QuarantineEntry.NEVER));
      }
    }
    all.sort(Comparator.comparing(QuarantineEntry::segment));
    return all;
  }

  /** What is held against the segment. */
  public Optional<QuarantineEntry> find(SegmentId id) {
    return list().stream().filter(entry -> entry.segment().equals(id)).findFirst();
  }

  /** How many segments are quarantined, for each stage. */
  public Map<QuarantineStage, Integer> counts() {
    return machinery.quarantine.counts();
  }

  /**
   * Forgets what is held against the segment and has what failed done again, in the background.
   *
   * @return whether something was held against it
   */
  public boolean retry(SegmentId id) throws CatalogException {
    Optional<QuarantineEntry> entry = find(id);
    if (entry.isEmpty()) {
      return false;
    }
    machinery.isolation.release(id);
    machinery.segmentReads.forgetDamage(id);
    engine.reconsider(id);
    again(entry.get());
    return true;
  }

  /**
   * As {@link #retry} for all that are held.
   *
   * @return how many
   */
  public int retryAll() throws CatalogException {
    List<QuarantineEntry> all = list();
    for (QuarantineEntry entry : all) {
      retry(entry.segment());
    }
    return all.size();
  }

  /** How it ends is noted again if it fails; where it cannot begin now, the next pass begins it. */
  private void again(QuarantineEntry entry) {
    SegmentId id = entry.segment();
    Optional<SegmentMetadata> segment = machinery.catalog.find(id);
    if (segment.isEmpty()) {
      return;
    }
    switch (entry.stage()) {
      case ARCHIVE -> {
        CompletableFuture<SegmentMetadata> unused = machinery.mover.archive(id, "retry");
      }
      case RECLAIM -> {
        CompletableFuture<SegmentMetadata> unused = machinery.mover.reclaim(id, "retry");
      }
      case DELETE -> machinery.housekeeping.soon();
      case READ, VERIFY -> {
        // The next reader, or the next verification, tries it.
      }
    }
  }
}
