package io.takhin.kafka.ledger;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.ledger.LedgerLine.Verb;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what of the bucket nobody counts on, through restarts and kill -9: copies under way,
 * which are undone when their process dies, and segments that Kafka was told are removed.
 *
 * <pre>
 *              begin              commit
 *   (unknown) ──────▶ COPYING ──────────────▶ (unknown)
 *   (unknown) ──────▶ DOOMED ───────────────▶ (unknown)
 *              doom                   gone
 *     COPYING ──────▶ DOOMED_WITH_PARTS ────▶ (unknown)
 *              abandon, doom, or      gone
 *              the process died
 * </pre>
 *
 * <p>It lies on the broker's disk, not in the bucket: a delete then costs no request, so a topic
 * with thousands of segments is gone at once, also while the store does not answer. Who loses the
 * disk with deletes still to be done leaves those objects; their manifests tell whose they were.
 *
 * <p>One thread writes; what comes while it forces the disk is written together. Methods may be
 * called from any thread and return when their line is durable, unless they say otherwise.
 */
public final class Ledger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  private static final int MAX_QUEUED = 10_000;
  private static final int MAX_BATCH = 1000;
  private static final int LINES_BEFORE_COMPACTION = 10_000;
  private static final long CLOSE_MILLIS = 10_000;

  private final int maxEntries;
  private final LedgerFile file;
  private final BlockingQueue<Request> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final Thread writer = new Thread(this::write, "takhin-kafka-ledger");

  @GuardedBy("entries")
  private final Map<ObjectStem, Entry> entries;

  /** Those that somebody removes now. */
  @GuardedBy("entries")
  private final Set<ObjectStem> claimed = new HashSet<>();

  private volatile boolean closed;

  /**
   * @param line null asks the writer to end
   */
  private record Request(@Nullable LedgerLine line, CompletableFuture<Void> done) {}

  private Ledger(int maxEntries, LedgerFile file, Map<ObjectStem, Entry> entries) {
    this.maxEntries = maxEntries;
    this.file = file;
    this.entries = entries;
  }

  /**
   * Takes up the file, or begins one. What an earlier process was copying is doomed from now on:
   * Kafka was never told that it is complete.
   *
   * @param maxEntries how many may be under way or doomed together; further ones are refused
   * @throws IOException if the file is of a newer version, or the disk fails
   */
  public static Ledger open(Path file, int maxEntries) throws IOException {
    Map<ObjectStem, Entry> entries = new LinkedHashMap<>();
    Ledger ledger = new Ledger(maxEntries, LedgerFile.open(file, entries), entries);
    ledger.writer.setDaemon(true);
    ledger.writer.start();
    return ledger;
  }

  /**
   * A copy begins: what is at its keys is to be removed, unless {@link #commit} follows.
   *
   * @throws IOException if it cannot be remembered, or what was there before is being removed now
   */
  public void begin(ObjectStem stem) throws IOException {
    append(Verb.BEGIN, stem);
  }

  /** The copy is complete, and is no concern of the ledger's any more. */
  public void commit(ObjectStem stem) throws IOException {
    append(Verb.COMMIT, stem);
  }

  /**
   * The objects are to be removed, whether or not there are any.
   *
   * @throws IOException if it cannot be remembered
   */
  public void doom(ObjectStem stem) throws IOException {
    append(Verb.DOOM, stem);
  }

  /**
   * The copy has failed; what there is of it is to be removed. Returns at once: that it began is
   * durable, and says the same after a restart.
   *
   * @return what is to be removed, claimed for the caller as by {@link #claim}; empty if others
   *     were told to remove it before
   */
  public Optional<Doomed> abandon(ObjectStem stem) {
    synchronized (entries) {
      if (!entries.replace(stem, Entry.COPYING, Entry.DOOMED_WITH_PARTS)) {
        return Optional.empty();
      }
      claimed.add(stem);
      return Optional.of(new Doomed(stem, true));
    }
  }

  /** What is to be removed and claimed by nobody, the oldest first. */
  public List<Doomed> doomed() {
    synchronized (entries) {
      List<Doomed> doomed = new ArrayList<>();
      entries.forEach(
          (stem, entry) -> {
            if (entry.isDoomed() && !claimed.contains(stem)) {
              doomed.add(new Doomed(stem, entry == Entry.DOOMED_WITH_PARTS));
            }
          });
      return doomed;
    }
  }

  /** How many are to be removed. */
  public int doomedCount() {
    return doomedCount(stem -> true);
  }

  /**
   * How many of these are to be removed.
   *
   * @param which must not block
   */
  public int doomedCount(Predicate<ObjectStem> which) {
    synchronized (entries) {
      return (int)
          entries.entrySet().stream()
              .filter(entry -> entry.getValue().isDoomed() && which.test(entry.getKey()))
              .count();
    }
  }

  /**
   * The caller is about to remove it, and calls {@link #gone} or {@link #release} then.
   *
   * @return false if it is not to be removed any more, or somebody else is at it
   */
  public boolean claim(Doomed doomed) {
    synchronized (entries) {
      Entry entry = entries.get(doomed.stem());
      return entry != null && entry.isDoomed() && claimed.add(doomed.stem());
    }
  }

  /** It could not be removed. */
  public void release(Doomed doomed) {
    synchronized (entries) {
      claimed.remove(doomed.stem());
    }
  }

  /**
   * It was claimed and is removed. Returns before that is durable: removing it again does no harm.
   */
  public void gone(Doomed doomed) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (!queue.offer(new Request(new LedgerLine(Verb.GONE, doomed.stem()), done))) {
      release(doomed); // It is found again, and removed again.
    }
  }

  private void append(Verb verb, ObjectStem stem) throws IOException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    try {
      queue.put(new Request(new LedgerLine(verb, stem), done));
      if (closed) {
        throw new IOException("the ledger is closed: " + stem);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before writing to the ledger: " + stem);
    }
    await(verb, stem, done);
  }

  /** Not ended by an interrupt: the caller has to know whether the line counts. */
  private static void await(Verb verb, ObjectStem stem, CompletableFuture<Void> done)
      throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          done.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(
          "not remembered: verb=" + verb + " objects=" + stem + " problem=" + e.getCause(),
          e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void write() {
    List<Request> batch = new ArrayList<>();
    boolean goesOn = true;
    while (goesOn) {
      try {
        batch.add(queue.take());
        queue.drainTo(batch, MAX_BATCH);
      } catch (InterruptedException e) {
        LOG.debug("interrupts do not end the ledger, closing does", e);
        continue;
      }
      goesOn = batch.stream().allMatch(request -> request.line() != null);
      try {
        write(batch);
      } catch (Throwable e) {
        // Whoever waits must be told, and the next ones may fare better.
        LOG.error("ledger_failed requests={}", batch.size(), e);
        batch.forEach(request -> request.done().completeExceptionally(e));
      }
      batch.clear();
    }
  }

  private void write(List<Request> batch) {
    List<Request> accepted = new ArrayList<>();
    List<LedgerLine> lines = new ArrayList<>();
    for (Request request : batch) {
      LedgerLine line = request.line();
      IOException refusal = line == null ? null : refusal(line, lines.size());
      if (refusal != null) {
        request.done().completeExceptionally(refusal);
      } else if (line == null) {
        request.done().complete(null);
      } else {
        accepted.add(request);
        lines.add(line);
      }
    }
    try {
      file.append(lines);
    } catch (IOException | RuntimeException e) {
      LOG.warn("ledger_not_written lines={} action=\"check the disk\"", lines.size(), e);
      accepted.forEach(request -> request.done().completeExceptionally(e));
      lines.forEach(this::unclaim);
      return;
    }
    lines.forEach(this::publish);
    accepted.forEach(request -> request.done().complete(null));
    compactIfWorthwhile();
  }

  private @Nullable IOException refusal(LedgerLine line, int before) {
    synchronized (entries) {
      boolean adds = line.verb() == Verb.BEGIN || line.verb() == Verb.DOOM;
      if (adds && entries.size() + before >= maxEntries && !entries.containsKey(line.stem())) {
        return new IOException("too many objects are to be removed already: " + maxEntries);
      }
      // Claimed until it is known as begun, so that nobody removes meanwhile what was there before.
      if (line.verb() == Verb.BEGIN && !claimed.add(line.stem())) {
        return new IOException("an earlier copy under the same keys is being removed");
      }
      return null;
    }
  }

  private void publish(LedgerLine line) {
    synchronized (entries) {
      LedgerFile.apply(line, entries);
    }
    unclaim(line);
  }

  private void unclaim(LedgerLine line) {
    synchronized (entries) {
      if (line.verb() == Verb.GONE || line.verb() == Verb.BEGIN) {
        claimed.remove(line.stem());
      }
    }
  }

  private void compactIfWorthwhile() {
    Map<ObjectStem, Entry> left;
    synchronized (entries) {
      if (file.lines() < LINES_BEFORE_COMPACTION + 2L * entries.size()) {
        return;
      }
      left = new LinkedHashMap<>(entries);
    }
    try {
      file.compact(left);
    } catch (IOException e) {
      LOG.warn("ledger_not_compacted action=\"check the disk; it grows until then\"", e);
    }
  }

  /** Writes what waits, and ends. Later calls fail. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      queue.put(new Request(null, new CompletableFuture<>()));
      writer.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<Request> late = new ArrayList<>();
    queue.drainTo(late);
    late.forEach(
        request -> request.done().completeExceptionally(new IOException("the ledger is closed")));
    file.close();
  }
}
