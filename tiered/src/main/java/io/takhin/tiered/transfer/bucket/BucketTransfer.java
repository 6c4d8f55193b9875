package io.takhin.tiered.transfer.bucket;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.metered.MeteredStore;
import io.takhin.tiered.store.metered.StoreTraffic;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.store.throttled.ThrottledStore;
import io.takhin.tiered.transfer.bucket.SourceWalk.Candidate;
import io.takhin.tiered.transfer.bucket.StreamCopy.Carrier;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the objects below one prefix to another, between any two stores.
 *
 * <pre>{@code
 * try (BucketTransfer transfer = new BucketTransfer(from, to, BucketTransferOptions.defaults())) {
 *   TransferSummary summary = transfer.run();
 * }
 * }</pre>
 *
 * <p>The thread that calls {@link #run} lists both sides, page by page, and hands objects to the
 * workers through a short queue, so memory does not grow with the number of objects. A worker has
 * one object at a time; parts of large objects are shared with {@code takhin-transfer-part-n}.
 *
 * <p>An object counts as moved when the target, asked again, has its size and checksum. One that
 * cannot be moved is listed in the summary and stops no other. Whatever ends a run, an interrupt of
 * its thread or {@link #close} from another included, aborts the uploads it has begun; those of a
 * killed process are aborted by the next run with the same progress file.
 *
 * <p>Metadata and content type are kept; an object that stands at the target is left alone if size
 * and checksum are those of the source, and replaced otherwise. Nothing is deleted.
 */
public final class BucketTransfer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BucketTransfer.class);

  private final BucketPrefix source;
  private final BucketPrefix target;
  private final MeteredStore sourceMeter;
  private final MeteredStore targetMeter;
  private final BucketTransferOptions options;
  private final Route route;
  private final SourceCount count;
  private final Tally tally = new Tally();
  private final RateLimits limits;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile boolean allFound;
  private volatile @Nullable Crew<Candidate> crew;

  /**
   * Connects to nothing yet. The stores stay the caller's, and open.
   *
   * @throws TransferRefusedException if one side is within the other, or if {@link
   *     TransferMode#DIRECT} is asked for and the sides are of different services
   */
  public BucketTransfer(BucketPrefix source, BucketPrefix target, BucketTransferOptions options)
      throws TransferRefusedException {
    if (source.overlaps(target)) {
      throw new TransferRefusedException(
          "one side is within the other: source=" + source.name() + " target=" + target.name());
    }
    this.sourceMeter = new MeteredStore(source.store(), new SimpleMeterRegistry());
    this.targetMeter = new MeteredStore(target.store(), new SimpleMeterRegistry());
    this.limits = new RateLimits(RateLimits.UNLIMITED, options.bytesPerSecond());
    this.source = new BucketPrefix(new ThrottledStore(sourceMeter, limits), source.prefix());
    this.target = new BucketPrefix(targetMeter, target.prefix());
    this.options = options;
    this.route = new Route(this.source, this.target, options.mode());
    this.count = new SourceCount(this.source, options.filter());
  }

  /**
   * Says what would be done, from the listings alone; writes nothing and reads no object.
   *
   * @param each told of each object in key order, on the calling thread
   */
  public TransferPlan plan(Consumer<PlannedObject> each) throws IOException, InterruptedException {
    Planning planning = new Planning(source, target, each);
    new SourceWalk(source, target, options.filter()).walk(planning, () -> closed);
    return planning.plan().going(route.direct());
  }

  /**
   * Moves everything; to be called once.
   *
   * @return what came of it; objects may have failed
   * @throws TransferRefusedException if the progress file is not this transfer's
   * @throws StoreException if a side could not be listed
   * @throws IOException if too many objects failed, or if this was closed meanwhile
   * @throws InterruptedException if the calling thread was interrupted; cleaned up by then
   */
  public TransferSummary run() throws IOException, InterruptedException {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("a transfer runs once: make another one");
    }
    long startNanos = System.nanoTime();
    try {
      Progress progress = openProgress();
      boolean complete = false;
      try {
        move(progress);
        complete = tally.failedObjects() == 0;
      } catch (StoreException e) {
        throw interruptedOr(e);
      } finally {
        progress.close(complete);
      }
      return summary(Duration.ofNanos(System.nanoTime() - startNanos));
    } finally {
      ended.countDown();
    }
  }

  /** How far the run has come; may be asked at any time. */
  public TransferProgress progress() {
    boolean counted = count.isComplete();
    long foundBytes = counted ? count.bytes() : tally.foundBytes.sum();
    long foundObjects = counted ? count.objects() : tally.found.sum();
    boolean known = allFound || counted;
    long movedBytes = tally.movedBytes.get();
    long doneBytes =
        Math.min(foundBytes, movedBytes + tally.skippedBytes.sum() + tally.failedBytes.sum());
    long perSecond = tally.bytesPerSecond();
    Optional<Duration> eta =
        known && perSecond > 0
            ? Optional.of(Duration.ofSeconds((foundBytes - doneBytes) / perSecond))
            : Optional.empty();
    return new TransferProgress(
        tally.copied.sum() + tally.skipped.sum() + tally.failedObjects(),
        foundObjects,
        tally.skipped.sum(),
        tally.failedObjects(),
        doneBytes,
        foundBytes,
        known,
        perSecond,
        eta,
        route.description());
  }

  /**
   * Changes the limit of what this transfer streams, also while it runs.
   *
   * @param bytesPerSecond 0 for none
   */
  public void limitBandwidth(long bytesPerSecond) {
    limits.setDownload(bytesPerSecond);
  }

  /** Stops a run that is under way, and returns when it has cleaned up. */
  @Override
  public void close() {
    closed = true;
    Crew<Candidate> working = crew;
    if (working != null) {
      working.stop();
    }
    if (started.get()) {
      try {
        ended.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Progress openProgress() throws IOException {
    return options.progressFile().isEmpty()
        ? Progress.NONE
        : ProgressFile.open(
            options.progressFile().get(), source.name(), target.name(), options.filter());
  }

  private void move(Progress progress) throws IOException, InterruptedException {
    Uploads uploads = new Uploads(target.store(), progress);
    tally.aborted.add(uploads.abortLeftovers());
    try (SourceCount ahead = count;
        PartRuns runs = new PartRuns(options.workers() - 1)) {
      ObjectMover mover = mover(progress, uploads, runs);
      try (Crew<Candidate> working = new Crew<>(options.workers(), one -> moveOne(mover, one))) {
        crew = working;
        try {
          allFound =
              new SourceWalk(source, target, options.filter())
                  .walk(new Feeding(working, ahead), () -> closed || working.isStopped());
          working.finish();
        } finally {
          working.stop();
          runs.stop(); // So that a worker who is stopped does not wait for a part to end.
        }
      }
    }
    if (closed) {
      throw new IOException("the transfer was closed before it was done");
    }
    if (tally.failedObjects() >= Tally.MAX_FAILURES) {
      throw new IOException(
          "stopped, because "
              + Tally.MAX_FAILURES
              + " objects failed; the last: "
              + tally.failures().get(Tally.MAX_FAILURES - 1));
    }
  }

  /** A store that was interrupted says that it is unavailable; here it is known to be no fault. */
  private static StoreException interruptedOr(StoreException e) throws InterruptedException {
    if (Thread.interrupted()) {
      InterruptedException interrupted = new InterruptedException("the transfer was interrupted");
      interrupted.initCause(e);
      throw interrupted;
    }
    return e;
  }

  private ObjectMover mover(Progress progress, Uploads uploads, PartRuns runs) {
    Verification verification = new Verification(target.store());
    ChunkBuffers buffers = new ChunkBuffers(options.chunkSizeBytes(), options.workers());
    Carrier carrier = new Carrier(buffers, runs);
    return new ObjectMover(
        source,
        route,
        new DirectCopy(target.store(), route, options, runs, uploads, verification),
        new StreamCopy(source.store(), target.store(), options, carrier, uploads, verification),
        verification,
        progress,
        tally);
  }

  private void moveOne(ObjectMover mover, Candidate candidate) {
    try {
      mover.move(candidate);
    } catch (IOException | RuntimeException e) {
      failed(candidate.listed().key().value(), candidate.listed().sizeBytes(), e);
    }
  }

  private void failed(String key, long sizeBytes, Exception e) {
    Crew<Candidate> working = crew;
    if (closed || (working != null && working.isStopped())) {
      return; // It was not the object's fault, and the next run takes it up again.
    }
    String reason = String.valueOf(e instanceof IOException ? e.getMessage() : e);
    LOG.warn("object not transferred: key={} reason={}", key, reason);
    LOG.debug("object not transferred: key={} route={}", key, route, e);
    if (!tally.failed(new FailedObject(key, reason), sizeBytes) && working != null) {
      working.stop();
    }
  }

  private TransferSummary summary(Duration duration) {
    StoreTraffic from = sourceMeter.traffic();
    StoreTraffic to = targetMeter.traffic();
    Map<String, Long> requests = new TreeMap<>();
    from.requestsByOperation().forEach((name, made) -> requests.put("source." + name, made));
    to.requestsByOperation().forEach((name, made) -> requests.put("target." + name, made));
    requests.values().removeIf(made -> made == 0);
    return new TransferSummary(
        tally.copied.sum(),
        tally.skipped.sum(),
        tally.failedObjects(),
        tally.failures(),
        tally.streamedBytes.sum(),
        tally.insideBytes.sum(),
        tally.skippedBytes.sum(),
        from.bytesDownloaded(),
        to.bytesUploaded(),
        requests,
        tally.verified(),
        tally.aborted.sum(),
        route.description(),
        duration);
  }

  /** Counts what the walk finds and hands it to the crew. */
  private final class Feeding implements SourceWalk.Visitor {
    private final Crew<Candidate> working;
    private final SourceCount ahead;

    Feeding(Crew<Candidate> working, SourceCount ahead) {
      this.working = working;
      this.ahead = ahead;
    }

    @Override
    public void object(Candidate candidate) throws InterruptedException {
      tally.found.increment();
      tally.foundBytes.add(candidate.listed().sizeBytes());
      if (tally.found.sum() == SourceWalk.PAGE_OBJECTS) {
        ahead.start(); // There is more than a page: count it, for the sake of totals and ETA.
      }
      working.give(candidate);
    }

    @Override
    public void foreign(String key) {
      tally.found.increment();
      failed(key, 0, new IOException("the key has characters that are not carried: " + key));
    }
  }

  /** Says of each object what would be done. */
  private static final class Planning implements SourceWalk.Visitor {
    private final BucketPrefix source;
    private final BucketPrefix target;
    private final Consumer<PlannedObject> each;
    private TransferPlan plan = TransferPlan.EMPTY;

    Planning(BucketPrefix source, BucketPrefix target, Consumer<PlannedObject> each) {
      this.source = source;
      this.target = target;
      this.each = each;
    }

    TransferPlan plan() {
      return plan;
    }

    @Override
    public void object(Candidate candidate) {
      String sourceKey = candidate.listed().key().value();
      PlannedObject.Action action = PlannedObject.Action.COPY;
      if (candidate.targetKey().isEmpty()) {
        action = PlannedObject.Action.REFUSE;
      } else if (candidate.comparable()) {
        action = PlannedObject.Action.COMPARE;
      } else if (candidate.standing().isPresent()) {
        action = PlannedObject.Action.REPLACE;
      }
      add(new PlannedObject(sourceKey, there(sourceKey), candidate.listed().sizeBytes(), action));
    }

    @Override
    public void foreign(String key) {
      add(new PlannedObject(key, there(key), 0, PlannedObject.Action.REFUSE));
    }

    private String there(String sourceKey) {
      return target.prefix() + source.relative(sourceKey);
    }

    private void add(PlannedObject planned) {
      plan = plan.with(planned);
      each.accept(planned);
    }
  }
}
