package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.broker.tiering.LocalLease;
import io.takhin.broker.tiering.Tiering;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.FileRecords.TimestampAndOffset;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.common.TransactionVersion;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.FetchDataInfo;
import org.apache.kafka.storage.internals.log.LogAppendInfo;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/**
 * One partition: Kafka's log, and what a single node with archived segments needs around it.
 *
 * <pre>
 *   logStart          localStart                      active        logEnd = high watermark
 *      | archived only    | sealed, perhaps archived too | appended to  |
 * </pre>
 *
 * Appends hold {@code appendLock}, which is what gives a partition its order; reads take no lock of
 * ours. {@code segmentLock} is held while the set of sealed segments is listed or cut. When both
 * are taken, {@code segmentLock} comes first.
 */
public final class PartitionLog {
  /** There is one node, so leadership never changes. */
  public static final int LEADER_EPOCH = 0;

  private static final long DELETE_GRACE_MILLIS = 1000;

  private final UnifiedLog log;
  private final Tiering tiering;
  private final Object appendLock = new Object();
  private final Object segmentLock = new Object();
  private final SegmentReaders readers = new SegmentReaders();
  private final Set<DataArrival> waiting = ConcurrentHashMap.newKeySet();

  /** Written under appendLock, so that no append runs on; read without it by readers. */
  private volatile boolean closed;

  /** When the active segment got its first record; written under appendLock, read without. */
  private volatile long activeSinceMillis;

  @GuardedBy("segmentLock")
  private long offeredUpTo;

  PartitionLog(UnifiedLog log, Tiering tiering) throws IOException {
    this.log = log;
    this.tiering = tiering;
    this.offeredUpTo = log.logSegments().get(0).baseOffset();
    this.activeSinceMillis = log.activeSegment().lastModified();
    // Every appended record is as safe as it will ever be on one node.
    log.updateHighWatermark(log.logEndOffsetMetadata());
  }

  public TopicPartition partition() {
    return log.topicPartition();
  }

  /** Kafka's log, for what Kafka's own code wants to read or clean. */
  public UnifiedLog unifiedLog() {
    return log;
  }

  public long startOffset() {
    return log.logStartOffset();
  }

  public long localStartOffset() {
    return log.localLogStartOffset();
  }

  public long endOffset() {
    return log.logEndOffset();
  }

  boolean movesSegments() {
    return log.remoteLogEnabled();
  }

  public LogAppendInfo append(MemoryRecords records) {
    return append(
        records, AppendOrigin.CLIENT, VerificationGuard.SENTINEL, TransactionVersion.TV_UNKNOWN);
  }

  /**
   * Appends batches and makes them visible.
   *
   * @throws KafkaStorageException when the disk refuses; the log is as before, and the next append
   *     may succeed
   */
  public LogAppendInfo append(
      MemoryRecords records, AppendOrigin origin, VerificationGuard guard, short txnVersion) {
    LogAppendInfo info;
    synchronized (appendLock) {
      checkOpen();
      LogSegment active = log.activeSegment();
      int sizeBefore = active.size();
      try {
        info =
            log.appendAsLeader(
                records, LEADER_EPOCH, origin, RequestLocal.noCaching(), guard, txnVersion);
        log.updateHighWatermark(log.logEndOffsetMetadata());
      } catch (KafkaStorageException e) {
        discardPartialAppend(active.baseOffset(), sizeBefore, e);
        throw e;
      } catch (IOException | InternalError e) {
        // The JVM reports a page of a mapped index that could not be written as InternalError.
        KafkaStorageException failure =
            new KafkaStorageException("append to " + partition() + " failed: " + e, e);
        log.logDirFailureChannel()
            .maybeAddOfflineLogDir(
                log.parentDir(),
                "append to " + partition() + " failed",
                e instanceof IOException io ? io : new IOException(e));
        discardPartialAppend(active.baseOffset(), sizeBefore, failure);
        throw failure;
      }
      if (sizeBefore == 0 || log.activeSegment().baseOffset() != active.baseOffset()) {
        activeSinceMillis = System.currentTimeMillis();
      }
    }
    waiting.forEach(arrival -> arrival.arrived(Math.max(1, info.validBytes())));
    return info;
  }

  private void checkOpen() {
    if (closed) {
      throw new NotLeaderOrFollowerException(partition() + " is closed");
    }
  }

  /**
   * A failed write may leave the first bytes of a batch in the file, behind the end that the log
   * knows. The next append would go behind them and be unreadable, so they are cut off.
   */
  @GuardedBy("appendLock")
  private void discardPartialAppend(long activeBase, int sizeBefore, Exception failure) {
    try {
      LogSegment active = log.activeSegment();
      int validSize = active.baseOffset() == activeBase ? sizeBefore : 0;
      active.offsetIndex().truncateTo(log.logEndOffset());
      active.timeIndex().truncateTo(log.logEndOffset());
      active.log().truncateTo(validSize);
    } catch (IOException | RuntimeException | InternalError e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Reads local records: at most {@code maxBytes}, except that with {@code minOneBatch} the first
   * batch is given whole. Nothing is returned when the offset is only archived.
   *
   * @throws OffsetOutOfRangeException when the log does not reach down or up to the offset
   */
  public Optional<LocalRead> read(long offset, int maxBytes, boolean minOneBatch)
      throws IOException {
    long sought = offset;
    while (true) {
      checkOpen();
      checkInRange(offset);
      if (offset < log.localLogStartOffset()) {
        return Optional.empty();
      }
      List<LogSegment> floor = log.logSegments(sought, sought + 1);
      if (floor.isEmpty()) {
        sought = offset;
        continue;
      }
      long base = floor.get(0).baseOffset();
      Optional<Runnable> hold = readers.hold(base);
      if (hold.isEmpty()) {
        // The segment is being freed, which happens only to segments that can be opened cold.
        return Optional.empty();
      }
      ReadAttempt attempt = readHeld(offset, maxBytes, minOneBatch, base, hold.get());
      if (attempt.read().isPresent()) {
        return attempt.read();
      }
      sought = Math.max(offset, attempt.foundIn());
    }
  }

  private void checkInRange(long offset) {
    if (offset < log.logStartOffset() || offset > log.logEndOffset()) {
      throw new OffsetOutOfRangeException(
          "offset "
              + offset
              + " of "
              + partition()
              + " is outside of "
              + log.logStartOffset()
              + " to "
              + log.logEndOffset());
    }
  }

  /**
   * What came of reading with one segment held.
   *
   * @param read nothing when the records are not in that segment
   * @param foundIn the segment they are in: compaction may leave a segment without its last
   *     records, and the ones to be read are then in a later one
   */
  private record ReadAttempt(Optional<LocalRead> read, long foundIn) {}

  private ReadAttempt readHeld(
      long offset, int maxBytes, boolean minOneBatch, long base, Runnable hold) throws IOException {
    Runnable release = alsoLeased(base, hold);
    boolean handedOver = false;
    try {
      FetchDataInfo data = log.read(offset, maxBytes, FetchIsolation.LOG_END, minOneBatch);
      long foundIn = data.fetchOffsetMetadata.segmentBaseOffset;
      if (data.records.sizeInBytes() > 0 && foundIn != base) {
        return new ReadAttempt(Optional.empty(), foundIn);
      }
      handedOver = true;
      // Clients want whole batches or none, except that a first one too large for them is given.
      LocalRead read =
          new LocalRead(data.firstEntryIncomplete ? MemoryRecords.EMPTY : data.records, release);
      return new ReadAttempt(Optional.of(read), base);
    } catch (OffsetOutOfRangeException e) {
      if (offset >= log.logStartOffset() && offset < log.localLogStartOffset()) {
        return new ReadAttempt(Optional.empty(), base);
      }
      throw e;
    } finally {
      if (!handedOver) {
        release.run();
      }
    }
  }

  /** Tells the archiving side of the reader, until both the lease and the hold are released. */
  private Runnable alsoLeased(long base, Runnable hold) {
    try {
      LocalLease lease = tiering.leaseLocal(partition(), base);
      return () -> {
        try (lease) {
          hold.run();
        }
      };
    } catch (RuntimeException e) {
      hold.run();
      throw e;
    }
  }

  /** The first local record at or after the time. */
  public Optional<TimestampAndOffset> findLocalByTime(long timestampMillis) throws IOException {
    long from = log.localLogStartOffset();
    for (LogSegment segment : log.logSegments()) {
      if (segment.largestTimestamp() >= timestampMillis) {
        Optional<TimestampAndOffset> found = segment.findOffsetByTimestamp(timestampMillis, from);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** Tells the arrival of appends from now until {@link #stopWaiting}. */
  public void startWaiting(DataArrival arrival) {
    waiting.add(arrival);
  }

  public void stopWaiting(DataArrival arrival) {
    waiting.remove(arrival);
  }

  void wakeWaiting() {
    waiting.forEach(DataArrival::wake);
  }

  /** Seals the active segment when its first record is older than {@code segment.ms}. */
  void rollByTime(long nowMillis) throws IOException {
    synchronized (appendLock) {
      if (!closed
          && log.activeSegment().size() > 0
          && nowMillis - activeSinceMillis >= log.config().maxSegmentMs()) {
        log.roll();
      }
    }
  }

  /**
   * Offers the sealed segments that were not offered before, oldest first, all of them on disk;
   * none once this is closed: who deletes a topic says so afterwards, and hears of none of it
   * again.
   *
   * @return whether there were any
   */
  boolean offerSealed() throws IOException {
    synchronized (segmentLock) {
      if (closed) {
        return false;
      }
      List<LogSegment> segments = log.logSegments();
      LogSegment active = segments.get(segments.size() - 1);
      if (active.baseOffset() <= offeredUpTo) {
        return false;
      }
      log.flushUptoOffsetExclusive(active.baseOffset());
      for (int i = 0; i < segments.size() - 1; i++) {
        long next = segments.get(i + 1).baseOffset();
        if (segments.get(i).baseOffset() >= offeredUpTo) {
          tiering.sealed(SealedFiles.of(log, segments.get(i), next));
          offeredUpTo = next;
        }
      }
      return true;
    }
  }

  /** See {@link io.takhin.broker.tiering.LocalPartitions#freeLocal}. */
  public boolean freeLocal(long baseOffset) throws IOException {
    synchronized (segmentLock) {
      List<LogSegment> segments = log.logSegments();
      // Judged by the segments there are: the local start may lie inside of the first one.
      if (baseOffset < segments.get(0).baseOffset()) {
        return true;
      }
      if (segments.get(0).baseOffset() != baseOffset
          || segments.size() == 1
          || segments.get(1).baseOffset() > offeredUpTo
          || !readers.retire(baseOffset)) {
        return false;
      }
      try {
        long next = segments.get(1).baseOffset();
        log.updateHighestOffsetInRemoteStorage(next - 1);
        log.maybeIncrementLocalLogStartOffset(next, LogStartOffsetIncrementReason.SegmentDeletion);
        log.deleteOldSegments();
        return true;
      } catch (KafkaStorageException e) {
        throw new IOException("cannot free segment " + baseOffset + " of " + partition(), e);
      } finally {
        readers.endRetirement(baseOffset);
      }
    }
  }

  /** The new start has to be durable before; local segments below it go when nobody reads them. */
  void advanceStart(long offset) throws IOException {
    log.maybeIncrementLogStartOffset(offset, LogStartOffsetIncrementReason.ClientRecordDeletion);
    deleteBelowStart();
    wakeWaiting();
    if (movesSegments()) {
      tiering.logStartMoved(partition(), offset);
    }
  }

  void deleteBelowStart() throws IOException {
    synchronized (segmentLock) {
      if (readers.idleBelow(log.logStartOffset())) {
        log.deleteOldSegments();
      }
    }
  }

  void configure(LogConfig config) {
    log.updateConfig(config);
  }

  /** Writes everything to disk and closes the files. */
  void close() {
    synchronized (appendLock) {
      if (!closed) {
        closed = true;
        log.flush(true);
        log.close();
        log.removeLogMetrics();
      }
    }
  }

  /** Closes and deletes all local files; readers get a moment to finish. */
  void delete() {
    synchronized (segmentLock) {
      synchronized (appendLock) {
        closed = true;
      }
    }
    wakeWaiting();
    readers.awaitIdle(DELETE_GRACE_MILLIS);
    log.delete();
    log.removeLogMetrics();
  }
}
