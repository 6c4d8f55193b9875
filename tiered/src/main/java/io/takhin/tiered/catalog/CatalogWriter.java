package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that changes the catalog: the point at which changes get their order.
 *
 * <p>Callers queue. The thread takes what has gathered while the previous commit was being synced,
 * lets each operation check itself against what is known plus what is staged before it, commits all
 * as one transaction, and only then shows them in the map, tells the listeners and lets the callers
 * go. So the cost of a sync is shared by everyone who waited for it, nothing visible can be lost,
 * and a commit that failed leaves no trace and fails each of its callers.
 *
 * <p>Access times are not waited for: they gather in a set and are written every second.
 */
final class CatalogWriter {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogWriter.class);
  private static final int QUEUE_CAPACITY = 1024;
  private static final long TOUCH_FLUSH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final CatalogFile file;
  private final SegmentMap map;
  private final BlockingQueue<Request<?>> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
  private final Set<SegmentId> touched = ConcurrentHashMap.newKeySet();
  private final List<CatalogListener> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean stopped;

  /** Checks itself, then stages what it changes; a check that fails stages nothing. */
  @FunctionalInterface
  interface Operation<R> {
    R stage(Staging staging) throws CatalogException;
  }

  /** One change of one segment; one of the two is present. */
  record Change(@Nullable SegmentMetadata before, @Nullable SegmentMetadata after, String reason) {}

  /** One change of one note, and what shows it once it is durable. */
  private record NoteChange(NoteRow row, Runnable publish) {}

  private record Request<R>(Operation<R> operation, CompletableFuture<R> done) {
    Request(Operation<R> operation) {
      this(operation, new CompletableFuture<>());
    }

    /** Returns what lets the caller go once the change is durable. */
    Runnable stage(Staging staging) throws CatalogException {
      R result = operation.stage(staging);
      return () -> done.complete(result);
    }
  }

  /** What is known plus what this transaction is going to change. */
  final class Staging {
    private final Map<SegmentId, @Nullable SegmentMetadata> overlay = new HashMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<NoteChange> notes = new ArrayList<>();

    @Nullable SegmentMetadata current(SegmentId id) {
      return overlay.containsKey(id) ? overlay.get(id) : map.get(id);
    }

    void put(@Nullable SegmentMetadata before, SegmentMetadata after, String reason) {
      overlay.put(after.id(), after);
      changes.add(new Change(before, after, reason));
    }

    void remove(SegmentMetadata before, String reason) {
      overlay.put(before.id(), null);
      changes.add(new Change(before, null, reason));
    }

    void write(NoteRow note, Runnable publish) {
      notes.add(new NoteChange(note, publish));
    }

    /** What this transaction is going to write of the note; null if it does not touch it. */
    @Nullable NoteRow note(String kind, String key) {
      for (int i = notes.size() - 1; i >= 0; i--) {
        NoteRow row = notes.get(i).row;
        if (row.kind().equals(kind) && row.key().equals(key)) {
          return row;
        }
      }
      return null;
    }

    private boolean isEmpty() {
      return changes.isEmpty() && notes.isEmpty();
    }
  }

  CatalogWriter(CatalogFile file, SegmentMap map) {
    this.file = file;
    this.map = map;
    this.thread = new Thread(this::run, "catalog-writer");
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void addListener(CatalogListener listener) {
    listeners.add(listener);
  }

  /** Has the segment's access time written within seconds. */
  void touched(SegmentId id) {
    touched.add(id);
  }

  /**
   * Waits until the operation is durable and visible. An interrupt does not end the wait, because
   * the outcome would be unknown; the flag stays set.
   */
  <R> R submit(Operation<R> operation) throws CatalogException {
    if (Thread.currentThread() == thread) {
      throw new IllegalStateException("a listener must not change the catalog: it would deadlock");
    }
    if (closing) {
      throw closed();
    }
    Request<R> request = new Request<>(operation);
    try {
      queue.put(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CatalogException.Unwritable(
          file.path(), "interrupted before the change was queued; nothing was changed", e);
    }
    if (stopped) {
      refuseQueued(); // it came in after the thread's last look at the queue
    }
    try {
      return request.done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof CatalogException known) {
        throw known;
      }
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw e;
    }
  }

  /** Writes what is queued, then ends the thread. What comes later is refused. Called once. */
  void close() {
    closing = true;
    // Wakes the thread if it waits for a request; if the queue is full, it does not wait.
    queue.offer(new Request<>(staging -> true));
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // The file must not be closed under the thread.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Request<?>> batch = new ArrayList<>();
    try {
      long flushedAtNanos = System.nanoTime();
      while (!closing || !queue.isEmpty()) {
        batch.clear();
        takeInto(batch);
        commit(batch);
        if (System.nanoTime() - flushedAtNanos >= TOUCH_FLUSH_NANOS) {
          flushTouches();
          flushedAtNanos = System.nanoTime();
        }
      }
      flushTouches();
    } finally {
      // After an Error the thread ends; nobody may be left waiting for it.
      closing = true;
      stopped = true;
      fail(batch, closed());
      refuseQueued();
    }
  }

  private void takeInto(List<Request<?>> batch) {
    try {
      Request<?> first = queue.poll(TOUCH_FLUSH_NANOS, TimeUnit.NANOSECONDS);
      if (first != null) {
        batch.add(first);
        queue.drainTo(batch);
      }
    } catch (InterruptedException e) {
      // Nobody but close() may end this thread, and it does so through the queue.
      LOG.warn("catalog writer interrupted, it goes on file={}", file.path());
    }
  }

  private void commit(List<Request<?>> batch) {
    Staging staging = new Staging();
    List<Request<?>> staged = new ArrayList<>(batch.size());
    List<Runnable> successes = new ArrayList<>(batch.size());
    for (Request<?> request : batch) {
      try {
        successes.add(request.stage(staging));
        staged.add(request);
      } catch (CatalogException | RuntimeException e) {
        request.done.completeExceptionally(e);
      }
    }
    try {
      if (!staging.isEmpty()) {
        for (Change change : staging.changes) {
          write(change);
        }
        for (NoteChange note : staging.notes) {
          file.write(note.row);
        }
        file.commit();
      }
    } catch (SQLException e) {
      file.rollback(e);
      fail(staged, CatalogFile.failure(file.path(), e));
      return;
    } catch (RuntimeException e) {
      file.rollback(e);
      fail(staged, e);
      return;
    }
    for (Change change : staging.changes) {
      publish(change);
    }
    staging.notes.forEach(note -> note.publish.run());
    successes.forEach(Runnable::run);
  }

  private void write(Change change) throws SQLException {
    if (change.after != null) {
      file.put(change.after);
    } else if (change.before != null) {
      file.remove(change.before.id());
    }
  }

  private void publish(Change change) {
    SegmentMetadata before = change.before;
    SegmentMetadata after = change.after;
    if (after == null) {
      if (before != null) {
        map.remove(before.id());
        LOG.info(
            "segment forgotten segment={} from={} reason={}",
            before.id(),
            before.state().label(),
            change.reason);
      }
    } else if (before == null) {
      map.put(after);
      LOG.debug(
          "segment registered segment={} state={} reason={}",
          after.id(),
          after.state().label(),
          change.reason);
    } else {
      map.update(after.id(), current -> merge(current, before, after));
      map.countTransition(after.state());
      LOG.info(
          "segment moved segment={} from={} to={} reason={}",
          after.id(),
          before.state().label(),
          after.state().label(),
          change.reason);
    }
    for (CatalogListener listener : listeners) {
      try {
        listener.onChange(before, after);
      } catch (RuntimeException e) {
        // The change is durable and visible; one listener's fault must not stop the catalog.
        LOG.error("catalog listener failed listener={}", listener, e);
      }
    }
  }

  /** The new state, and the tier and access time that may have changed while it was synced. */
  private static SegmentMetadata merge(
      SegmentMetadata current, SegmentMetadata before, SegmentMetadata after) {
    SegmentMetadata merged = after;
    if (after.tier() == before.tier() && current.tier() != after.tier()) {
      merged = merged.withTier(current.tier());
    }
    return current.lastAccessMillis() > merged.lastAccessMillis()
        ? merged.withLastAccessMillis(current.lastAccessMillis())
        : merged;
  }

  private void flushTouches() {
    if (touched.isEmpty()) {
      return;
    }
    List<SegmentId> ids = List.copyOf(touched);
    try {
      for (SegmentId id : ids) {
        touched.remove(id); // before the read, so that a touch in between is written next time
        SegmentMetadata segment = map.get(id);
        if (segment != null) {
          file.touch(id, segment.lastAccessMillis());
        }
      }
      file.commit();
    } catch (SQLException e) {
      file.rollback(e);
      touched.addAll(ids);
      LOG.warn(
          "access times not written, trying again; free space or repair the disk file={}",
          file.path(),
          e);
    }
  }

  private void refuseQueued() {
    List<Request<?>> late = new ArrayList<>();
    queue.drainTo(late);
    fail(late, closed());
  }

  private static void fail(List<Request<?>> requests, Exception failure) {
    for (Request<?> request : requests) {
      request.done.completeExceptionally(failure);
    }
  }

  private CatalogException closed() {
    return new CatalogException.Unwritable(file.path(), "the catalog is closed", null);
  }
}
