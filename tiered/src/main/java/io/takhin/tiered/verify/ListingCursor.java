package io.takhin.tiered.verify;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Goes through a listing in key order, a page in memory at a time. */
final class ListingCursor {
  private static final int PAGE = 1000;

  private final ObjectStore store;
  private final String prefix;
  private final Pace pace;
  private final Tally tally;
  private final Deque<StoredObject> page = new ArrayDeque<>();
  private @Nullable ObjectKey after;
  private boolean isLast;

  /**
   * @param after where to begin, which itself is left out; null for the very first
   */
  ListingCursor(
      ObjectStore store, String prefix, @Nullable ObjectKey after, Pace pace, Tally tally) {
    this.store = store;
    this.prefix = prefix;
    this.after = after;
    this.pace = pace;
    this.tally = tally;
  }

  /** The next object, which stays the next; null at the end. */
  @Nullable StoredObject peek() throws StoreException, InterruptedException {
    if (page.isEmpty() && !isLast) {
      pace.requests(1);
      List<StoredObject> listed = store.list(prefix, after, PAGE);
      tally.listed(listed.size());
      page.addAll(listed);
      isLast = listed.size() < PAGE;
      if (!listed.isEmpty()) {
        after = listed.get(listed.size() - 1).key();
      }
    }
    return page.peek();
  }

  /** Goes on to the one after. */
  void next() {
    page.remove();
  }
}
