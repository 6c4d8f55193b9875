package io.takhin.tiered.verify;

import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Level 0 for one partition: goes through its part of the listing and through its segments at once,
 * both in the order of their offsets, and tells what does not fit. All of it is suspicion only: the
 * listing and the catalog are not of the same moment.
 */
final class PartitionListing {
  private static final String TOMBSTONE = "tombstone.json";

  private final SegmentCatalog catalog;
  private final SegmentKeys keys;
  private final ListingCursor listing;
  private final Suspicions suspicions;

  /** Who hears of what does not fit. */
  interface Suspicions {
    void segment(SegmentId id);

    /**
     * An object that nobody seems to own.
     *
     * @param id whose name it bears; null if it is no segment's
     */
    void extra(StoredObject object, @Nullable SegmentId id);
  }

  PartitionListing(
      SegmentCatalog catalog, SegmentKeys keys, ListingCursor listing, Suspicions suspicions) {
    this.catalog = catalog;
    this.keys = keys;
    this.listing = listing;
    this.suspicions = suspicions;
  }

  /**
   * @param folder what the keys of the partition's objects begin with, with a slash at its end
   */
  void compare(PartitionId partition, String folder) throws StoreException, InterruptedException {
    List<SegmentMetadata> segments = catalog.segments(partition);
    int next = 0;
    while (true) {
      StoredObject object = listing.peek();
      if (object == null || !object.key().value().startsWith(folder)) {
        break;
      }
      Optional<SegmentId> owner = owner(partition, object.key(), folder);
      if (owner.isEmpty()) {
        suspicions.extra(object, null);
        listing.next();
        continue;
      }
      SegmentId id = owner.get();
      Map<ObjectKey, StoredObject> group = group(id);
      while (next < segments.size() && segments.get(next).id().baseOffset() < id.baseOffset()) {
        compare(segments.get(next++), Map.of());
      }
      if (next < segments.size() && segments.get(next).id().equals(id)) {
        compare(segments.get(next++), group);
      } else {
        unowned(id, group);
      }
    }
    while (next < segments.size()) {
      compare(segments.get(next++), Map.of());
    }
  }

  /** All objects of a segment, which follow each other in the listing. */
  private Map<ObjectKey, StoredObject> group(SegmentId id)
      throws StoreException, InterruptedException {
    String stem = keys.stem(id);
    Map<ObjectKey, StoredObject> group = new HashMap<>();
    for (StoredObject object = listing.peek();
        object != null && object.key().value().startsWith(stem);
        object = listing.peek()) {
      group.put(object.key(), object);
      listing.next();
    }
    return group;
  }

  private void compare(SegmentMetadata segment, Map<ObjectKey, StoredObject> group) {
    SegmentState state = segment.state();
    if (state instanceof SegmentState.Uploading || state instanceof SegmentState.Deleting) {
      return;
    }
    Optional<Receipt> receipt = state.receipt();
    if (receipt.isEmpty()) {
      unowned(segment.id(), group);
      return;
    }
    Set<ObjectKey> named = new HashSet<>();
    named.add(receipt.get().manifest());
    boolean fits = group.containsKey(receipt.get().manifest());
    for (ArchivedFile file : receipt.get().files()) {
      named.add(file.key());
      StoredObject object = group.get(file.key());
      fits &= object != null && object.sizeBytes() == file.sizeBytes();
    }
    if (!fits) {
      suspicions.segment(segment.id());
    }
    for (StoredObject object : group.values()) {
      if (!named.contains(object.key()) && !isTombstone(object.key())) {
        suspicions.extra(object, segment.id());
      }
    }
  }

  /** The segment may have been registered, or begun to be uploaded, since the listing began. */
  private void unowned(SegmentId id, Map<ObjectKey, StoredObject> group) {
    boolean isDeletedForNow = group.keySet().stream().anyMatch(PartitionListing::isTombstone);
    if (!isDeletedForNow && !isOwned(catalog, id)) {
      group.values().forEach(object -> suspicions.extra(object, id));
    }
  }

  /** Whether objects of the segment may exist. */
  static boolean isOwned(SegmentCatalog catalog, SegmentId id) {
    return catalog
        .find(id)
        .map(segment -> !(segment.state() instanceof SegmentState.Local))
        .orElse(false);
  }

  private static boolean isTombstone(ObjectKey key) {
    return key.value().endsWith("." + TOMBSTONE);
  }

  private static Optional<SegmentId> owner(PartitionId partition, ObjectKey key, String folder) {
    String name = key.value().substring(folder.length());
    int dot = name.indexOf('.');
    try {
      return dot < 0
          ? Optional.empty()
          : Optional.of(
              SegmentId.parse(partition.directory() + "/" + name.substring(0, dot) + ".log"));
    } catch (InvalidSegmentPathException e) {
      return Optional.empty(); // Not the name of a segment's object.
    }
  }
}
