package io.takhin.kafka.browse;

import io.takhin.kafka.layout.ObjectName;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the keys below a prefix and puts together what belongs to one copy of a segment. A
 * stretch ends between two copies, so that the next one begins with a whole copy; what else lies
 * below the prefix is passed over.
 *
 * <p>Used by one thread, for one stretch.
 */
final class BucketWalk {
  /** The most that S3 lists at once. */
  static final int PAGE_OBJECTS = 1000;

  /** Behind all partitions of a topic, whose folders are numbers. */
  private static final String BEHIND_PARTITIONS = "/z";

  private final ObjectStore store;
  private final String folder;
  private final @Nullable String topic;
  private final int maxCopies;
  private final List<RemoteCopy> copies = new ArrayList<>();

  /** Where the next stretch begins: behind the last object that is done with. */
  private @Nullable ObjectKey done;

  private @Nullable RemoteCopy current;
  private @Nullable ObjectKey lastOfCurrent;

  /**
   * Part of the listing.
   *
   * @param requests what it took of the store
   * @param next where the next stretch begins; null at the end
   */
  record Stretch(List<RemoteCopy> copies, int requests, @Nullable ObjectKey next) {}

  /**
   * @param folder the prefix of the keys and a slash, or nothing
   * @param topic only of this one; null for all
   */
  BucketWalk(ObjectStore store, String folder, @Nullable String topic, int maxCopies) {
    this.store = store;
    this.folder = folder;
    this.topic = topic;
    this.maxCopies = maxCopies;
  }

  /**
   * Goes on from there.
   *
   * @param after null for the beginning
   */
  Stretch from(@Nullable ObjectKey after, int maxRequests) throws StoreException {
    String listed = topic == null ? folder : folder + topic + "-";
    ObjectKey from = after;
    done = after;
    for (int requests = 1; requests <= maxRequests; requests++) {
      List<StoredObject> page = store.list(listed, from, PAGE_OBJECTS);
      Optional<ObjectKey> behindOthers = take(page);
      if (copies.size() == maxCopies) {
        return new Stretch(copies, requests, done);
      }
      if (behindOthers.isEmpty() && page.size() < PAGE_OBJECTS) {
        boolean unused = endCopy();
        return new Stretch(copies, requests, null);
      }
      from = behindOthers.orElseGet(() -> page.get(page.size() - 1).key());
    }
    return new Stretch(copies, maxRequests, done);
  }

  /** Stops at the limit, or at another topic: then tells the key to go on behind. */
  private Optional<ObjectKey> take(List<StoredObject> page) {
    for (StoredObject object : page) {
      Optional<ObjectName> name = ObjectName.parse(folder, object.key());
      if (name.isPresent() && isOther(name.get())) {
        if (endCopy()) {
          return Optional.empty();
        }
        done = behind(name.get());
        return Optional.of(behind(name.get()));
      }
      if (name.isEmpty()) {
        if (endCopy()) {
          return Optional.empty();
        }
        done = object.key();
      } else if (add(name.get(), object)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isOther(ObjectName name) {
    return topic != null && !name.id().segment().partition().topic().equals(topic);
  }

  private ObjectKey behind(ObjectName name) {
    String itsTopic = name.id().segment().partition().topic();
    return new ObjectKey(folder + itsTopic + "-" + name.id().topicId() + BEHIND_PARTITIONS);
  }

  /** Whether the object is the first that is too many. */
  private boolean add(ObjectName name, StoredObject object) {
    RemoteCopy copy = current;
    if (copy == null || !copy.id().equals(name.id())) {
      if (endCopy()) {
        return true;
      }
      copy = RemoteCopy.without(name);
    }
    current = copy.with(name, object);
    lastOfCurrent = object.key();
    return false;
  }

  /** Whether that was the last for this stretch. */
  private boolean endCopy() {
    if (current != null) {
      copies.add(current);
      done = lastOfCurrent;
      current = null;
    }
    return copies.size() == maxCopies;
  }
}
