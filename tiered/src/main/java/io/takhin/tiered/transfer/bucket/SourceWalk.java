package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the listings of both sides at once, a page of each in memory. Both are in key order,
 * so what stands at the target is known without a request for each object.
 */
final class SourceWalk {
  static final int PAGE_OBJECTS = 1000;

  private final BucketPrefix source;
  private final BucketPrefix target;
  private final KeyFilter.Matcher matcher;
  private final Deque<StoredObject> standing = new ArrayDeque<>();
  private @Nullable ObjectKey standingAfter;
  private boolean allStanding;

  SourceWalk(BucketPrefix source, BucketPrefix target, KeyFilter filter) {
    this.source = source;
    this.target = target;
    this.matcher = filter.matcher();
  }

  /**
   * An object to be moved.
   *
   * @param listed as the source lists it
   * @param targetKey where it goes; empty if that is no key
   * @param standing what the target lists there
   */
  record Candidate(
      StoredObject listed, Optional<ObjectKey> targetKey, Optional<StoredObject> standing) {
    /** Whether the target has an object of the same size, which may be the same. */
    boolean comparable() {
      return standing.isPresent() && standing.get().sizeBytes() == listed.sizeBytes();
    }
  }

  /** Sees each object in key order. */
  interface Visitor {
    void object(Candidate candidate) throws IOException, InterruptedException;

    /** A key that this program does not carry. */
    void foreign(String key) throws IOException, InterruptedException;
  }

  /**
   * Walks until the end or until it is told to stop.
   *
   * @return whether it came to the end
   */
  boolean walk(Visitor visitor, BooleanSupplier stopped) throws IOException, InterruptedException {
    @Nullable ObjectKey after = null;
    while (!stopped.getAsBoolean()) {
      List<String> foreign = new ArrayList<>();
      List<StoredObject> page =
          source.store().list(source.prefix(), after, PAGE_OBJECTS, key -> note(key, foreign));
      for (String key : foreign) {
        visitor.foreign(key);
      }
      for (StoredObject listed : page) {
        after = listed.key();
        String relative = source.relative(listed.key().value());
        if (matcher.takes(relative)) {
          Optional<ObjectKey> key = target.key(relative);
          visitor.object(
              new Candidate(listed, key, key.isEmpty() ? Optional.empty() : standingAt(key.get())));
        }
        if (stopped.getAsBoolean()) {
          return false;
        }
      }
      if (page.size() < PAGE_OBJECTS) {
        return true;
      }
    }
    return false;
  }

  /** A run is stopped by fewer of them than are kept here. */
  private void note(String key, List<String> foreign) {
    if (foreign.size() <= Tally.MAX_FAILURES && matcher.takes(source.relative(key))) {
      foreign.add(key);
    }
  }

  /** What the target lists at the key; asked for in key order only. */
  private Optional<StoredObject> standingAt(ObjectKey key) throws StoreException {
    while (true) {
      while (!standing.isEmpty() && standing.getFirst().key().compareTo(key) < 0) {
        standing.removeFirst();
      }
      if (!standing.isEmpty()) {
        StoredObject next = standing.getFirst();
        return next.key().equals(key) ? Optional.of(next) : Optional.empty();
      }
      if (allStanding) {
        return Optional.empty();
      }
      List<StoredObject> page = target.store().list(target.prefix(), standingAfter, PAGE_OBJECTS);
      allStanding = page.size() < PAGE_OBJECTS;
      if (!page.isEmpty()) {
        standing.addAll(page);
        standingAfter = page.get(page.size() - 1).key();
      }
    }
  }
}
