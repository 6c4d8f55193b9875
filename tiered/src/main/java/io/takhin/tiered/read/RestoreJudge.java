package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.SegmentId;
import java.time.Clock;
import java.util.BitSet;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which streamed segments are better restored: those of which more was served than a
 * restore would fetch, several times over, and those that readers who do not go through in order
 * have nearly all of. A reader who goes through once is neither, because he will not come back, and
 * a restore would fetch everything a second time for nobody.
 *
 * <p>Remembers the segments read last, a bounded number. Any thread.
 */
final class RestoreJudge {
  private static final int MAX_SEGMENTS = 10_000;

  /** Larger ones would push too much else out of the cache. */
  private static final int LEAST_SEGMENTS_IN_CACHE = 2;

  private final ReadOptions options;
  private final Clock clock;
  private final Cache<SegmentId, Tally> tallies =
      Caffeine.newBuilder().maximumSize(MAX_SEGMENTS).executor(Runnable::run).build();

  RestoreJudge(ReadOptions options, Clock clock) {
    this.options = options;
    this.clock = clock;
  }

  /** What is known of the reads of one segment. */
  private static final class Tally {
    @GuardedBy("this")
    private long servedBytes;

    /** Chunks asked for out of order. */
    @GuardedBy("this")
    private final BitSet scattered = new BitSet();

    @GuardedBy("this")
    private @Nullable ReadDecision decision;

    /** From the decision until the restore has ended. */
    @GuardedBy("this")
    private boolean restoring;
  }

  /**
   * Counts a read of the log.
   *
   * @param inOrder whether it continues an earlier one; one from the start may be the first of many
   * @return whether the segment is to be restored now; true once, until {@link #ended}
   */
  boolean isToRestore(RemoteFile log, ByteRange range, boolean inOrder) {
    Tally tally = tallies.get(log.segment(), id -> new Tally());
    synchronized (tally) {
      tally.servedBytes += range.lengthBytes();
      if (!inOrder && range.startBytes() > 0) {
        tally.scattered.set(
            RemoteFile.chunkAt(range.startBytes()), RemoteFile.chunkAt(range.endBytes() - 1) + 1);
      }
      if (tally.restoring) {
        return false;
      }
      ReadDecision decision = decide(log, tally.servedBytes, tally.scattered.cardinality());
      tally.decision = decision;
      tally.restoring = decision.restore();
      return tally.restoring;
    }
  }

  private ReadDecision decide(RemoteFile log, long servedBytes, int scatteredChunks) {
    double reads = (double) servedBytes / log.sizeBytes();
    double coverage = (double) scatteredChunks / log.chunkCount();
    boolean often = reads >= options.restoreAfterReads();
    boolean nearlyWhole = coverage >= options.restoreCoverage();
    boolean fits = log.sizeBytes() <= options.cacheBytes() / LEAST_SEGMENTS_IN_CACHE;
    boolean restore = options.mode() == ReadMode.AUTO && fits && (often || nearlyWhole);
    String counted =
        String.format(
            Locale.ROOT,
            "served %.2f times its size (restored from %.2f on), %.0f %% of it asked for out of"
                + " order (restored from %.0f %% on)",
            reads,
            options.restoreAfterReads(),
            coverage * 100,
            options.restoreCoverage() * 100);
    return new ReadDecision(
        restore, why(restore, fits, counted), servedBytes, coverage, clock.millis());
  }

  private String why(boolean restore, boolean fits, String counted) {
    if (restore) {
      return "restored: " + counted;
    }
    if (options.mode() != ReadMode.AUTO) {
      return "streamed: the read mode is "
          + options.mode().name().toLowerCase(Locale.ROOT)
          + "; "
          + counted;
    }
    return fits
        ? "streamed: " + counted
        : "streamed: larger than half of the local cache; " + counted;
  }

  Optional<ReadDecision> decision(SegmentId id) {
    Tally tally = tallies.getIfPresent(id);
    if (tally == null) {
      return Optional.empty();
    }
    synchronized (tally) {
      return Optional.ofNullable(tally.decision);
    }
  }

  /**
   * The restore has ended, in whatever way. What was decided stays to be looked at; counting begins
   * anew, for when the segment is cold again.
   */
  void ended(SegmentId id) {
    Tally tally = tallies.getIfPresent(id);
    if (tally != null) {
      synchronized (tally) {
        tally.servedBytes = 0;
        tally.scattered.clear();
        tally.restoring = false;
      }
    }
  }

  /** The segment is gone. */
  void forget(SegmentId id) {
    tallies.invalidate(id);
  }
}
