package io.takhin.tiered.archive;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything below the prefix, page by page, put together by segments: the objects of a segment
 * follow each other in a listing, because no other key lies between two that share their stem. So
 * it needs memory for one page and one segment, however much the bucket holds. One thread.
 *
 * <p>Not a snapshot: what is written or deleted meanwhile may be told or not.
 */
public final class BucketListing {
  private static final int PAGE = 1000;

  private final ObjectStore store;
  private final SegmentKeys keys;
  private long pages;
  private long objects;
  private @Nullable Gathering current;

  public BucketListing(ObjectStore store, SegmentKeys keys) {
    this.store = store;
    this.keys = keys;
  }

  /** Is told what there is, in key order. */
  public interface Visitor {
    void segment(ListedSegment segment) throws IOException, InterruptedException;

    /** An object that the archiver did not write. */
    void foreign(String key);
  }

  private static final class Gathering {
    private final SegmentId id;
    private Optional<StoredObject> manifest = Optional.empty();
    private Optional<StoredObject> tombstone = Optional.empty();
    private final Map<FileKind, StoredObject> files = new EnumMap<>(FileKind.class);

    Gathering(SegmentId id) {
      this.id = id;
    }
  }

  /** Goes through all of it, once. Blocks. An interrupt ends it between two pages. */
  public void visit(Visitor visitor) throws IOException, InterruptedException {
    KeyReader reader = new KeyReader(keys);
    ObjectKey after = null;
    while (true) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while listing " + store.description());
      }
      List<StoredObject> page = page(after, visitor);
      pages++;
      objects += page.size();
      for (StoredObject object : page) {
        take(object, reader.read(object.key().value()), visitor);
      }
      if (page.size() < PAGE) {
        break;
      }
      after = page.get(page.size() - 1).key();
    }
    handOn(visitor);
  }

  private List<StoredObject> page(@Nullable ObjectKey after, Visitor visitor)
      throws StoreException {
    return store.list(keys.root(), after, PAGE, visitor::foreign);
  }

  private void take(StoredObject object, NamedObject named, Visitor visitor)
      throws IOException, InterruptedException {
    if (named instanceof NamedObject.Foreign) {
      visitor.foreign(object.key().value());
      return;
    }
    if (!(named instanceof NamedObject.OfSegment part)) {
      return;
    }
    Gathering gathering = current;
    if (gathering == null || !gathering.id.equals(part.id())) {
      handOn(visitor);
      gathering = new Gathering(part.id());
      current = gathering;
    }
    if (part instanceof NamedObject.File file) {
      gathering.files.put(file.kind(), object);
    } else if (part instanceof NamedObject.ManifestObject) {
      gathering.manifest = Optional.of(object);
    } else {
      gathering.tombstone = Optional.of(object);
    }
  }

  private void handOn(Visitor visitor) throws IOException, InterruptedException {
    Gathering whole = current;
    current = null;
    if (whole != null) {
      visitor.segment(new ListedSegment(whole.id, whole.manifest, whole.tombstone, whole.files));
    }
  }

  /** Requests made so far. */
  public long pages() {
    return pages;
  }

  /** Objects told so far, of whatever kind. */
  public long objects() {
    return objects;
  }
}
