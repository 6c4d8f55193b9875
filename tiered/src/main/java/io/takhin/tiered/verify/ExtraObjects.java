package io.takhin.tiered.verify;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.verify.Finding.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Objects that nobody seems to own, until they are looked at again. Only what lies there longer
 * than the grace period, in two looks, the second of them in the segment's turn, is a finding; to
 * remove it is the sweeper's work.
 */
final class ExtraObjects {
  private static final int MAX_WAITING = 10_000;

  private final SegmentCatalog catalog;
  private final ObjectStore store;
  private final SegmentCheck check;
  private final Round.Run run;
  private final List<Extra> waiting = new ArrayList<>();

  private record Extra(ObjectKey key, @Nullable SegmentId id) {}

  ExtraObjects(SegmentCatalog catalog, ObjectStore store, SegmentCheck check, Round.Run run) {
    this.catalog = catalog;
    this.store = store;
    this.check = check;
    this.run = run;
  }

  void suspect(StoredObject object, @Nullable SegmentId id) {
    if (!isYoung(object) && waiting.size() < MAX_WAITING) {
      waiting.add(new Extra(object.key(), id));
    }
  }

  private boolean isYoung(StoredObject object) {
    long ageMillis = run.clock().millis() - object.lastModified().toEpochMilli();
    return Duration.ofMillis(Math.max(0, ageMillis)).compareTo(run.options().grace()) < 0;
  }

  void confirm() throws IOException, CatalogException, InterruptedException {
    for (Extra extra : waiting) {
      SegmentId id = extra.id();
      List<Finding> found =
          id == null
              ? still(extra)
              : check.inTurn(id, () -> isNamed(extra.key(), id) ? List.of() : still(extra));
      if (found.isEmpty()) {
        run.tally().unconfirmed();
      }
      found.forEach(run.tally()::found);
    }
    waiting.clear();
  }

  /** Whether the segment has come to own it. */
  private boolean isNamed(ObjectKey key, SegmentId id) {
    Optional<SegmentMetadata> segment = catalog.find(id);
    Optional<Receipt> receipt = segment.flatMap(known -> known.state().receipt());
    if (receipt.isEmpty()) {
      return PartitionListing.isOwned(catalog, id);
    }
    return receipt.get().manifest().equals(key)
        || receipt.get().files().stream().anyMatch(file -> file.key().equals(key));
  }

  private List<Finding> still(Extra extra) throws StoreException, InterruptedException {
    run.pace().requests(1);
    return store.head(extra.key()).filter(object -> !isYoung(object)).stream()
        .map(
            object ->
                new Finding(
                    FindingKind.OBJECT_EXTRA,
                    extra.id(),
                    extra.key().value(),
                    "nothing that nobody owns",
                    object.sizeBytes() + " bytes of " + object.lastModified(),
                    Outcome.REPORTED,
                    "nothing, removing it is the sweeper's work: takhin sweep"))
        .toList();
  }
}
