package io.takhin.kafka.fetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.layout.RemoteManifest;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.tiered.read.ObjectReads;
import io.takhin.tiered.read.ObjectReads.ProvedLog;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.SmallObjects;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.Workers;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which segment comes after which, for readers who go through in order.
 *
 * <p>A broker names one segment at a time, so the next one is known only if this broker has copied
 * or read it before. Otherwise it is looked up in the bucket, in the background and before it is
 * needed: Kafka's segments have no gaps, so the next one's keys begin with the offset at which this
 * one ends, and its manifest says the rest. Where there are several copies, the newest counts; had
 * the broker meant another, some bytes were fetched for nothing.
 *
 * <p>Any thread.
 */
final class KnownSegments implements ObjectReads.Following, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KnownSegments.class);

  /** Some 500 bytes each. */
  private static final long MAX_KNOWN = 100_000;

  /** The most that is read ahead of one reader. */
  private static final long NEAR_BYTES = 64L << 20;

  /** It may be copied meanwhile. */
  private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(30);

  private static final int MAX_QUEUED = 1000;
  private static final int MAX_OBJECTS = 100;
  private static final long MAX_MANIFEST_BYTES = 1 << 20;

  private final ObjectStore store;
  private final Workers lookups = new Workers("takhin-kafka-next", 1, MAX_QUEUED);

  private final Cache<Place, ProvedLog> byPlace =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).executor(Runnable::run).build();

  /** Where what follows a log is, by the log's key. */
  private final Cache<ObjectKey, Place> following =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).executor(Runnable::run).build();

  private final Cache<Place, Boolean> asked =
      Caffeine.newBuilder()
          .maximumSize(MAX_KNOWN)
          .expireAfterWrite(ASKED_AGAIN_AFTER)
          .executor(Runnable::run)
          .build();

  /** A first offset in a partition of a topic that has been created once. */
  private record Place(String topicId, SegmentId segment) {}

  KnownSegments(ObjectStore store) {
    this.store = store;
  }

  /** That the segment is in the bucket is known from Kafka. */
  void add(RemoteSegment segment) {
    ProvedLog log = segment.proved();
    byPlace.put(new Place(segment.id().topicId(), segment.id().segment()), log);
    following.put(log.log().key(), next(segment));
  }

  private static Place next(RemoteSegment segment) {
    SegmentId id = segment.id().segment();
    return new Place(segment.id().topicId(), new SegmentId(id.partition(), segment.endOffset()));
  }

  void remove(RemoteSegment segment) {
    byPlace.invalidate(new Place(segment.id().topicId(), segment.id().segment()));
    following.invalidate(segment.proved().log().key());
  }

  @Override
  public Optional<ProvedLog> after(ProvedLog log) {
    return Optional.ofNullable(following.getIfPresent(log.log().key())).map(byPlace::getIfPresent);
  }

  /** A reader is at that position; looks up in time what comes next. Does not block. */
  void lookAhead(RemoteSegment segment, long positionBytes) {
    Place next = next(segment);
    boolean isNear = segment.layout().indexes().form().plainBytes() - positionBytes <= NEAR_BYTES;
    if (isNear
        && byPlace.getIfPresent(next) == null
        && asked.asMap().putIfAbsent(next, true) == null) {
      try {
        lookups.execute(() -> lookUp(segment, next));
      } catch (RejectedExecutionException e) {
        asked.invalidate(next); // Too many at the moment; without it the reader only waits longer.
      }
    }
  }

  private void lookUp(RemoteSegment segment, Place next) {
    if (lookups.isClosed()) {
      return;
    }
    try {
      Optional<RemoteManifest> newest =
          manifests(segment.layout().prefix(), next)
              .max(Comparator.comparingLong(manifest -> manifest.facts().createdAtMillis()));
      newest.ifPresent(manifest -> add(segment.layout().prefix(), next, manifest));
    } catch (IOException | RuntimeException e) {
      LOG.debug("next_segment_not_looked_up segment={}", segment.id(), e);
    }
  }

  private Stream<RemoteManifest> manifests(String prefix, Place next) throws IOException {
    List<StoredObject> objects =
        store.list(
            RemoteSegmentId.stems(prefix, next.topicId(), next.segment()), null, MAX_OBJECTS);
    Stream.Builder<RemoteManifest> manifests = Stream.builder();
    for (StoredObject object : objects) {
      if (ObjectStem.isManifest(object.key()) && object.sizeBytes() <= MAX_MANIFEST_BYTES) {
        manifests.add(RemoteManifest.parse(SmallObjects.read(store, object)));
      }
    }
    return manifests.build();
  }

  private void add(String prefix, Place place, RemoteManifest manifest) {
    ObjectStem stem = manifest.id().stem(prefix);
    ProvedLog log =
        new ProvedLog(
            place.segment(),
            new ObjectProof(stem.log(), manifest.logBytes(), manifest.logChecksum()),
            new ObjectProof(stem.indexes(), manifest.indexesBytes(), manifest.indexesChecksum()));
    byPlace.put(place, log);
    following.put(
        stem.log(),
        new Place(
            place.topicId(),
            new SegmentId(place.segment().partition(), manifest.facts().endOffset())));
  }

  @Override
  public void close() {
    lookups.close();
  }
}
