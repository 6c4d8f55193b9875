package io.takhin.tiered.rebuild;

import io.takhin.tiered.archive.GapRecords;
import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.rebuild.RebuildProblem.Kind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.SmallObjects;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The gaps that the bucket has records of: what was given up, so that nobody takes it for lost.
 * There are no more than there are runs of other segments between them. One thread.
 */
final class GapList {
  private static final int MAX_BYTES = 64 << 10;

  private final Map<PartitionId, List<Gap>> byPartition = new TreeMap<>();
  private long requests;

  /** Reads all of them; one that cannot be understood is told. */
  static GapList read(ObjectStore store, SegmentKeys keys, Findings findings) throws IOException {
    GapList list = new GapList();
    List<StoredObject> records = SmallObjects.list(store, keys.gaps());
    list.requests = SmallObjects.requests(records);
    for (StoredObject object : records) {
      list.read(store, object, findings);
    }
    return list;
  }

  private void read(ObjectStore store, StoredObject object, Findings findings) throws IOException {
    requests++;
    Gap gap;
    try {
      if (object.sizeBytes() > MAX_BYTES) {
        throw new IOException(
            "expected at most " + MAX_BYTES + " bytes, got " + object.sizeBytes());
      }
      gap = GapRecords.parse(object.key(), SmallObjects.read(store, object));
    } catch (StoreException.Unavailable | StoreException.Rejected e) {
      throw e;
    } catch (IOException e) {
      findings.problem(Kind.UNREADABLE_GAP, object.key().value(), String.valueOf(e.getMessage()));
      return;
    }
    byPartition.merge(
        gap.partition(),
        List.of(gap),
        (before, one) -> {
          List<Gap> both = new ArrayList<>(before);
          both.addAll(one);
          return both;
        });
  }

  long requests() {
    return requests;
  }

  Iterable<Map.Entry<PartitionId, List<Gap>>> all() {
    return byPartition.entrySet();
  }

  List<Gap> of(PartitionId partition) {
    return byPartition.getOrDefault(partition, List.of());
  }

  /** Whether one gap holds the whole range; gaps that touch are one. */
  boolean covers(PartitionId partition, long from, long to) {
    return of(partition).stream().anyMatch(gap -> gap.fromOffset() <= from && gap.toOffset() >= to);
  }
}
