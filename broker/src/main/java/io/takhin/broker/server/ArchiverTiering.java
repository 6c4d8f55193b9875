package io.takhin.broker.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.broker.tiering.ColdRange;
import io.takhin.broker.tiering.ColdSegment;
import io.takhin.broker.tiering.LocalLease;
import io.takhin.broker.tiering.LocalPartitions;
import io.takhin.broker.tiering.SealedSegment;
import io.takhin.broker.tiering.Tiering;
import io.takhin.broker.tiering.WriteAdmission;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.disk.Admission;
import io.takhin.tiered.segment.PartitionId;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's view of the archiver.
 *
 * <p>What the broker says is taken in by one thread, in the order in which it was said, so that a
 * segment offered just before its topic was deleted cannot be registered after. That thread also
 * waits for the catalog's disk, so that connection threads never do.
 */
final class ArchiverTiering implements Tiering {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiverTiering.class);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(5);
  private static final Duration DELETE_RETRY_INTERVAL = Duration.ofMinutes(1);
  private static final Duration DELETE_TIMEOUT = Duration.ofSeconds(25);

  private final TieredStorageManager tiers;
  private final LocalPartitions partitions;
  private final ScheduledExecutorService registrar =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "takhin-registrar");
            thread.setDaemon(true);
            return thread;
          });
  private final Object lock = new Object();

  /** Offered and not yet registered. Bounded by the number of segments on this machine's disk. */
  @GuardedBy("lock")
  private List<SealedSegment> offered = new ArrayList<>();

  /** Where logs start whose segments below are not all deleted yet. */
  private final ConcurrentMap<TopicPartition, Long> undeleted = new ConcurrentHashMap<>();

  ArchiverTiering(TieredStorageManager tiers, LocalPartitions partitions) {
    this.tiers = tiers;
    this.partitions = partitions;
  }

  @Override
  public void sealed(SealedSegment segment) {
    synchronized (lock) {
      offered.add(segment);
      if (offered.size() > 1) {
        return; // Whoever put in the first has asked for the registration.
      }
    }
    registrar.execute(this::registerOffered);
  }

  /** One durable write for all that were offered meanwhile. */
  private void registerOffered() {
    List<SealedSegment> batch;
    synchronized (lock) {
      batch = offered;
      offered = new ArrayList<>();
    }
    try {
      List<SegmentMetadata> known =
          tiers.registerAll(batch.stream().map(ArchiverTiering::metadata).toList());
      List<SealedSegment> early = new ArrayList<>();
      for (int i = 0; i < known.size(); i++) {
        if (known.get(i).state() instanceof SegmentState.Deleting) {
          early.add(batch.get(i));
        } else if (known.get(i).isArchived()) {
          freeLeftover(known.get(i));
        }
      }
      waitForDeletion(early);
    } catch (CatalogException | RuntimeException e) {
      LOG.warn(
          "segments_not_registered count={} problem=\"{}\" retry_seconds={}"
              + " action=\"make room on the disk of the catalog\"",
          batch.size(),
          e.getMessage(),
          RETRY_INTERVAL.toSeconds());
      offerLater(batch);
    }
  }

  /**
   * The objects of an earlier topic of the name still have the keys of these, so they stay local
   * until those are gone. One that the log has deleted meanwhile is of no concern any more.
   */
  private void waitForDeletion(List<SealedSegment> early) {
    List<SealedSegment> present =
        early.stream().filter(segment -> Files.exists(segment.files().get(0))).toList();
    if (!present.isEmpty()) {
      LOG.debug("segments_wait_for_deletion count={}", present.size());
      offerLater(present);
    }
  }

  private void offerLater(List<SealedSegment> batch) {
    synchronized (lock) {
      offered.addAll(0, batch);
    }
    ScheduledFuture<?> unused = // it reports by itself
        registrar.schedule(this::registerOffered, RETRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Freed before, and back after a power failure that undid the deletion. */
  private void freeLeftover(SegmentMetadata segment) {
    try {
      boolean freed =
          partitions.freeLocal(
              Ids.topicPartition(segment.id().partition()), segment.id().baseOffset());
      LOG.info("leftover_of_archived_segment segment={} freed={}", segment.id(), freed);
    } catch (IOException e) {
      LOG.warn(
          "leftover_not_freed segment={} problem=\"{}\" action=\"none, the next start tries again\"",
          segment.id(),
          e.getMessage());
    }
  }

  private static SegmentMetadata metadata(SealedSegment segment) {
    return SegmentMetadata.sealed(
        Ids.segment(segment.partition(), segment.baseOffset()),
        segment.endOffset(),
        segment.maxTimestampMillis(),
        segment.sizeBytes(),
        segment.lastModified().toEpochMilli());
  }

  @Override
  public void topicDeleted(String topic) throws IOException {
    try {
      registrar
          .submit(
              () -> {
                forgetOffered(topic);
                deleteSegments(topic);
                return null;
              })
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while deleting the segments of topic " + topic, e);
    } catch (ExecutionException e) {
      throw new IOException("segments of topic " + topic + " not deleted: " + e.getCause(), e);
    }
  }

  private void forgetOffered(String topic) {
    undeleted.keySet().removeIf(partition -> partition.topic().equals(topic));
    synchronized (lock) {
      offered.removeIf(segment -> segment.partition().topic().equals(topic));
    }
  }

  private void deleteSegments(String topic)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<CompletableFuture<Void>> deletions = new ArrayList<>();
    Set<PartitionId> partitions = new HashSet<>(tiers.partitions());
    tiers.gaps().all().forEach(gap -> partitions.add(gap.partition()));
    for (PartitionId partition : partitions) {
      if (partition.topic().equals(topic)) {
        deletions.add(tiers.deletePartition(partition));
      }
    }
    CompletableFuture.allOf(deletions.toArray(CompletableFuture[]::new))
        .get(DELETE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void logStartMoved(TopicPartition partition, long logStartOffset) {
    undeleted.merge(partition, logStartOffset, Math::max);
    registrar.execute(() -> deleteBelow(partition, logStartOffset));
  }

  /** Goes on until it is done, or the start has moved on, which is another one's work then. */
  private void deleteBelow(TopicPartition partition, long logStartOffset) {
    if (undeleted.getOrDefault(partition, -1L) != logStartOffset) {
      return;
    }
    CompletableFuture<?> unused =
        tiers
            .deleteBelow(Ids.partition(partition), logStartOffset)
            .whenComplete(
                (done, failure) -> {
                  if (failure == null) {
                    undeleted.remove(partition, logStartOffset);
                  } else {
                    reportKept(partition, logStartOffset, failure);
                    deleteLater(partition, logStartOffset);
                  }
                });
  }

  private void deleteLater(TopicPartition partition, long logStartOffset) {
    try {
      ScheduledFuture<?> unused = // it reports by itself
          registrar.schedule(
              () -> deleteBelow(partition, logStartOffset),
              DELETE_RETRY_INTERVAL.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed while deleting: partition={}", partition); // The next start does it.
    }
  }

  private static void reportKept(TopicPartition partition, long logStartOffset, Throwable failure) {
    LOG.warn(
        "expired_segments_kept partition={} log_start={} problem=\"{}\" retry_seconds={}"
            + " action=\"none if the store is down; else see the problem\"",
        partition,
        logStartOffset,
        String.valueOf(failure),
        DELETE_RETRY_INTERVAL.toSeconds());
  }

  @Override
  public List<ColdRange> coldSegments(TopicPartition partition) {
    return tiers.segments(Ids.partition(partition)).stream()
        .filter(segment -> segment.state().receipt().isPresent())
        .filter(segment -> !(segment.state() instanceof SegmentState.Deleting))
        .map(
            segment ->
                new ColdRange(
                    segment.id().baseOffset(),
                    segment.endOffset(),
                    segment.sizeBytes(),
                    segment.maxTimestampMillis(),
                    segment.lastModifiedMillis()))
        .toList();
  }

  @Override
  public OptionalLong firstHeldOffset(TopicPartition partition, long fromOffset) {
    return tiers.holds().firstHeldOffset(Ids.partition(partition), fromOffset);
  }

  @Override
  public Optional<String> whyKept(String topic) {
    return tiers
        .holds()
        .onTopic(topic)
        .map(hold -> new HeldException("topic=" + topic, hold).getMessage());
  }

  @Override
  public Optional<String> whyNameTaken(String topic) {
    return tiers.deletions().nameTaken(topic).or(() -> ArchivedLogs.leftOf(tiers, topic));
  }

  @Override
  public CompletableFuture<ColdSegment> open(TopicPartition partition, long offset) {
    Optional<SegmentMetadata> segment = tiers.covering(Ids.partition(partition), offset);
    if (segment.isEmpty()) {
      return CompletableFuture.failedFuture(
          new IOException("no segment holds offset " + offset + " of " + partition));
    }
    return CompletableFuture.completedFuture(
        new StreamedSegment(segment.get(), tiers.reader(segment.get().id())));
  }

  @Override
  public void paceReadAhead(IntConsumer pace) {
    tiers.paceReadAhead(pace::accept);
  }

  @Override
  public WriteAdmission admit(long bytes) {
    Admission admission = tiers.disk().admit(bytes);
    return new WriteAdmission(admission.refusal(), admission.delayMillis());
  }

  @Override
  public long firstNotLost(TopicPartition partition, long offset) {
    return tiers.gaps().firstAfter(Ids.partition(partition), offset);
  }

  @Override
  public LocalLease leaseLocal(TopicPartition partition, long baseOffset) {
    return tiers
        .leaseLocal(Ids.segment(partition, baseOffset))
        .<LocalLease>map(lease -> lease::close)
        .orElse(() -> {});
  }

  @Override
  public void close() throws IOException {
    registrar.shutdownNow();
    try {
      tiers.close();
    } catch (CatalogException e) {
      throw new IOException("catalog not closed: " + e.getMessage(), e);
    }
  }
}
