package io.takhin.tiered.archive;

import io.takhin.tiered.archive.Orphan.Reason;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Goes once through everything below the prefix and finds what nothing names. Reads a manifest only
 * where the catalog's receipt does not answer already. One thread, one use.
 *
 * <p>The objects of a segment are judged together: as long as one of them, or an upload of it, is
 * younger than the grace, a writer that is not ours may still be at work, and all of them stay.
 */
final class OrphanSearch implements BucketListing.Visitor {
  private static final int MAX_ORPHANS = 10_000;
  private static final int MAX_FOREIGN_KEYS = 20;

  private final SegmentCatalog catalog;
  private final ObjectStore store;
  private final SegmentKeys keys;
  private final ManifestReader manifests;
  private final Duration grace;
  private final Instant storeNow;
  private final Map<SegmentId, Instant> latestUploads = new HashMap<>();
  private final List<Orphan> orphans = new ArrayList<>();
  private final Map<Reason, SweepPlan.Total> totals = new EnumMap<>(Reason.class);
  private final List<String> foreignKeys = new ArrayList<>();
  private long young;
  private long unclaimedManifests;
  private long unreadableManifests;
  private long foreign;

  /**
   * @param storeNow what the store's clock says
   */
  OrphanSearch(
      SegmentCatalog catalog,
      ObjectStore store,
      SegmentKeys keys,
      Duration grace,
      Instant storeNow) {
    this.catalog = catalog;
    this.store = store;
    this.keys = keys;
    this.manifests = new ManifestReader(store, keys);
    this.grace = grace;
    this.storeNow = storeNow;
  }

  SweepPlan run(Instant madeAt) throws IOException, InterruptedException {
    List<PendingUpload> uploads = store.pendingUploads(keys.root());
    KeyReader reader = new KeyReader(keys);
    for (PendingUpload upload : uploads) {
      upload(upload, reader.read(upload.key().value()));
    }
    BucketListing listing = new BucketListing(store, keys);
    listing.visit(this);
    return new SweepPlan(
        madeAt,
        grace,
        orphans,
        totals,
        young,
        unclaimedManifests,
        unreadableManifests,
        foreign,
        foreignKeys,
        listing.objects());
  }

  private void upload(PendingUpload upload, NamedObject named) {
    if (!(named instanceof NamedObject.OfSegment part)) {
      foreign(upload.key().value());
      return;
    }
    Instant since = Instant.ofEpochMilli(upload.initiatedMillis());
    latestUploads.merge(part.id(), since, OrphanSearch::later);
    if (isUploading(catalog, part.id())) {
      return;
    }
    if (isYoung(since)) {
      young++;
    } else {
      add(
          new Orphan(
              Reason.ABANDONED_UPLOAD, part.id(), upload.key(), upload.uploadId(), 0, since));
    }
  }

  @Override
  public void segment(ListedSegment segment) throws IOException {
    SegmentId id = segment.id();
    Optional<SegmentMetadata> known = catalog.find(id);
    if (segment.manifest().isPresent() && known.isEmpty()) {
      unclaimedManifests++;
    }
    if (isUploading(catalog, id)) {
      return;
    }
    List<StoredObject> unnamed = new ArrayList<>();
    if (segment.manifest().isEmpty()) {
      // A receipt without a manifest is damage, for the verification to repair; a segment that is
      // being deleted is its remover's.
      if (receipt(known).isEmpty()) {
        unnamed.addAll(segment.files().values());
        segment.tombstone().ifPresent(unnamed::add);
      }
    } else {
      unnamed.addAll(notNamed(segment, known, segment.manifest().get()));
    }
    Reason reason = segment.manifest().isEmpty() ? Reason.NO_MANIFEST : Reason.NOT_NAMED;
    judge(id, reason, unnamed);
  }

  private static Optional<Receipt> receipt(Optional<SegmentMetadata> known) {
    return known.flatMap(segment -> segment.state().receipt());
  }

  private List<StoredObject> notNamed(
      ListedSegment segment, Optional<SegmentMetadata> known, StoredObject manifest)
      throws IOException {
    Optional<Receipt> receipt = receipt(known);
    if (receipt.isPresent() && named(receipt.get()).containsAll(segment.files().keySet())) {
      return List.of();
    }
    Set<FileKind> named;
    try {
      SegmentMetadata described = manifests.read(segment.id(), manifest);
      named = named(described.state().receipt().orElseThrow());
    } catch (InvalidManifestException | StoreException.Corrupt e) {
      unreadableManifests++;
      return List.of();
    } catch (StoreException.NotFound | StoreException.PreconditionFailed e) {
      return List.of(); // Somebody is at work on it.
    }
    receipt.ifPresent(proof -> named.addAll(named(proof)));
    return segment.files().entrySet().stream()
        .filter(file -> !named.contains(file.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static Set<FileKind> named(Receipt receipt) {
    Set<FileKind> kinds = EnumSet.noneOf(FileKind.class);
    for (ArchivedFile file : receipt.files()) {
      kinds.add(file.kind());
    }
    return kinds;
  }

  private void judge(SegmentId id, Reason reason, List<StoredObject> unnamed) {
    Instant latest = latestUploads.getOrDefault(id, Instant.MIN);
    for (StoredObject object : unnamed) {
      latest = later(latest, object.lastModified());
    }
    if (isYoung(latest)) {
      young += unnamed.size();
      return;
    }
    for (StoredObject object : unnamed) {
      add(
          new Orphan(
              reason, id, object.key(), object.etag(), object.sizeBytes(), object.lastModified()));
    }
  }

  private void add(Orphan orphan) {
    SweepPlan.Total before = totals.getOrDefault(orphan.reason(), SweepPlan.Total.NONE);
    totals.put(orphan.reason(), before.plus(orphan.sizeBytes()));
    if (orphans.size() < MAX_ORPHANS) {
      orphans.add(orphan);
    }
  }

  private boolean isYoung(Instant since) {
    return since.isAfter(storeNow.minus(grace));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  @Override
  public void foreign(String key) {
    foreign++;
    if (foreignKeys.size() < MAX_FOREIGN_KEYS) {
      foreignKeys.add(key);
    }
  }

  /** Whether an attempt of ours is under way, or was broken off and is going to be settled. */
  static boolean isUploading(SegmentCatalog catalog, SegmentId id) {
    return catalog
        .find(id)
        .map(known -> known.state() instanceof SegmentState.Uploading)
        .orElse(false);
  }
}
