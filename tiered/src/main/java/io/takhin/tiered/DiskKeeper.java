package io.takhin.tiered;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.archive.GapUpkeep;
import io.takhin.tiered.archive.ShedRound;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.Gaps;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.disk.DiskLevel;
import io.takhin.tiered.disk.DiskStatus;
import io.takhin.tiered.disk.DiskWatch;
import io.takhin.tiered.disk.OutageOptions;
import io.takhin.tiered.disk.OutagePolicy;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the disk and does something about it. From the low mark on, the oldest segments that
 * only this machine has are archived ahead of their age, until the use would be below the mark
 * again. At the full mark, and only where the policy is {@link OutagePolicy#SHED}, the oldest of
 * them are given up, if the store does not answer or did not relieve the disk within {@link
 * #PATIENCE}. Also keeps the gaps true, and tells the log of them.
 *
 * <p>One thread, {@code tiered-disk}, does so on schedule; {@link #keep} may be called by any
 * thread. Its turns do not overlap: it holds its monitor during one, and nothing else waits for it.
 */
final class DiskKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskKeeper.class);

  /** How long a store that answers may take to relieve a full disk. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * The log deletes what it lets go a second later; until then the disk looks as full as before.
   */
  static final Duration SETTLING = Duration.ofSeconds(3);

  /** What archiving ahead failed for is left to the policy for so long. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMinutes(1);

  private static final Duration POLICY_INTERVAL = Duration.ofSeconds(30);
  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  private final OutageOptions options;
  private final boolean autoArchive;
  private final int maxInFlight;
  private final DiskWatch watch;
  private final Gaps gaps;
  private final GapUpkeep upkeep;
  private final ShedRound round;
  private final Machinery machinery;
  private final Clock clock;
  private final Housekeeping thread;

  /** Archived ahead just now, with their sizes. */
  private final Map<SegmentId, Long> underWay = new ConcurrentHashMap<>();

  /** Until when, by the clock, archiving ahead leaves a segment alone. */
  private final Map<SegmentId, Long> failedUntilMillis = new ConcurrentHashMap<>();

  /** Since when the disk is full; far in the future while it is not. */
  @GuardedBy("this")
  private long fullSinceMillis = Long.MAX_VALUE;

  @GuardedBy("this")
  private long shedAtMillis = LONG_AGO;

  @GuardedBy("this")
  private long askedPolicyAtMillis = LONG_AGO;

  DiskKeeper(
      TieredOptions options,
      DiskWatch watch,
      Gaps gaps,
      GapUpkeep upkeep,
      ShedRound round,
      Machinery machinery,
      Clock clock) {
    this.options = options.outage();
    this.autoArchive = options.autoArchive();
    this.maxInFlight = options.archiveParallelism() * 2;
    this.watch = watch;
    this.gaps = gaps;
    this.upkeep = upkeep;
    this.round = round;
    this.machinery = machinery;
    this.clock = clock;
    this.thread = new Housekeeping("tiered-disk", this::keep);
  }

  /** Ends what a crash left of gaps, and begins. */
  void start() {
    upkeep.start();
    thread.start(options.interval());
  }

  DiskWatch watch() {
    return watch;
  }

  Gaps gaps() {
    return gaps;
  }

  /** One turn. */
  synchronized void keep() throws InterruptedException {
    upkeep.settle();
    DiskStatus now = watch.measure();
    long nowMillis = clock.millis();
    if (now.level() != DiskLevel.NORMAL) {
      archiveAhead(now, nowMillis);
    }
    if (now.level() == DiskLevel.FULL) {
      fullSinceMillis = Math.min(fullSinceMillis, nowMillis);
      shedIfDue(now, nowMillis);
    } else {
      fullSinceMillis = Long.MAX_VALUE;
    }
    upkeep.publish();
    tellLog();
  }

  /**
   * Begins to archive what would bring the use below the low mark, and has the policy free what is
   * archived already.
   */
  @GuardedBy("this")
  private void archiveAhead(DiskStatus now, long nowMillis) {
    // Nobody wants data given up that the bucket would have taken, archived by command only or not.
    boolean wanted =
        autoArchive || (options.policy() == OutagePolicy.SHED && now.level() == DiskLevel.FULL);
    if (!wanted || !machinery.store.isAsked()) {
      return;
    }
    if (nowMillis - askedPolicyAtMillis >= POLICY_INTERVAL.toMillis()) {
      askedPolicyAtMillis = nowMillis;
      machinery.policySoon();
    }
    failedUntilMillis.values().removeIf(until -> until <= nowMillis);
    long leftBytes =
        now.aboveLowBytes() - underWay.values().stream().mapToLong(Long::longValue).sum();
    for (SegmentId id : machinery.work.unarchivedOldestFirst()) {
      if (leftBytes <= 0 || underWay.size() >= maxInFlight) {
        return;
      }
      Optional<SegmentMetadata> segment =
          machinery
              .catalog
              .find(id)
              .filter(found -> found.state() instanceof SegmentState.Local)
              .filter(found -> !underWay.containsKey(id) && !failedUntilMillis.containsKey(id));
      if (segment.isPresent()) {
        leftBytes -= segment.get().sizeBytes();
        archiveAhead(segment.get());
      }
    }
  }

  private void archiveAhead(SegmentMetadata segment) {
    SegmentId id = segment.id();
    underWay.put(id, segment.sizeBytes());
    var unused =
        machinery
            .mover
            .archive(id, "disk above its low mark")
            .whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    failedUntilMillis.put(id, clock.millis() + PAUSE_AFTER_FAILURE.toMillis());
                    LOG.debug("archive_ahead_failed segment={}", id, failure);
                  }
                  underWay.remove(id);
                });
  }

  @GuardedBy("this")
  private void shedIfDue(DiskStatus now, long nowMillis) throws InterruptedException {
    boolean answers = machinery.store.isAsked();
    boolean isDue = !answers || nowMillis - fullSinceMillis >= PATIENCE.toMillis();
    if (options.policy() != OutagePolicy.SHED
        || !isDue
        || nowMillis - shedAtMillis < SETTLING.toMillis()) {
      return;
    }
    shedAtMillis = nowMillis;
    String reason = answers ? "disk full, store too slow" : "disk full, store down";
    long wantedBytes = now.aboveHighBytes() + 1;
    long freedBytes = round.shed(wantedBytes, answers, reason);
    LOG.warn(
        "disk_relieved reason=\"{}\" wanted_bytes={} freed_bytes={} gaps={} action=\"{}\"",
        reason,
        wantedBytes,
        freedBytes,
        gaps.count(),
        freedBytes > 0
            ? "make room, or bring the object store back"
            : "nothing can be given up now, writes are refused; make room");
  }

  private void tellLog() {
    for (Gap gap : gaps.all()) {
      if (upkeep.mayShrink(gap)) {
        continue; // The log would begin behind records that are there after all.
      }
      try {
        machinery.copies.own().lost(gap.partition(), gap.fromOffset(), gap.toOffset());
      } catch (IOException | RuntimeException e) {
        LOG.warn(
            "log_start_not_moved partition={} to={} problem=\"{}\" action=\"see the problem; it is"
                + " tried again\"",
            gap.partition(),
            gap.toOffset(),
            e.toString());
      }
    }
  }

  @Override
  public void close() {
    thread.close();
    watch.close();
  }
}
