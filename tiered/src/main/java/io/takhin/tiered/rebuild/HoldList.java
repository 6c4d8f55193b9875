package io.takhin.tiered.rebuild;

import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.archive.Holds;
import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.rebuild.RebuildProblem.Kind;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.SmallObjects;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The holds that the bucket has, to be in the catalog before anybody can be asked to delete what
 * they keep. Their number is bounded by whoever sets them. One thread.
 */
final class HoldList {
  private static final int MAX_BYTES = 64 << 10;

  private final List<Hold> holds = new ArrayList<>();
  private long requests;

  /** Reads all of them; one that cannot be understood is told. */
  static HoldList read(ObjectStore store, SegmentKeys keys, Findings findings) throws IOException {
    HoldList list = new HoldList();
    List<StoredObject> objects = SmallObjects.list(store, keys.holdsFolder());
    list.requests = SmallObjects.requests(objects);
    for (StoredObject object : objects) {
      list.read(store, object, findings);
    }
    return list;
  }

  private void read(ObjectStore store, StoredObject object, Findings findings) throws IOException {
    requests++;
    try {
      if (object.sizeBytes() > MAX_BYTES) {
        throw new IOException(
            "expected at most " + MAX_BYTES + " bytes, got " + object.sizeBytes());
      }
      holds.add(Holds.parse(object.key(), SmallObjects.read(store, object)));
    } catch (StoreException.Unavailable | StoreException.Rejected e) {
      throw e;
    } catch (IOException e) {
      findings.problem(Kind.UNREADABLE_HOLD, object.key().value(), String.valueOf(e.getMessage()));
    }
  }

  List<Hold> all() {
    return holds;
  }

  long requests() {
    return requests;
  }
}
