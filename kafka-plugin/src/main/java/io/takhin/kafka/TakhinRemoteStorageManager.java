package io.takhin.kafka;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.kafka.Calls.Kind;
import io.takhin.kafka.config.PluginConfig;
import io.takhin.kafka.copy.SegmentCopier;
import io.takhin.kafka.fetch.RemoteSegment;
import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.s3.S3Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.server.log.remote.storage.LogSegmentData;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteResourceNotFoundException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Apache Kafka's remote segments in an S3 bucket.
 *
 * <pre>
 * remote.log.storage.system.enable=true
 * remote.log.storage.manager.class.path=/opt/takhin/kafka-plugin/*
 * remote.log.storage.manager.class.name=io.takhin.kafka.TakhinRemoteStorageManager
 * rsm.config.data.dir=/var/lib/kafka/takhin
 * rsm.config.s3.bucket=my-bucket
 * </pre>
 *
 * <p>Thread-safe after {@link #configure}, as the broker's threads need it. Whatever goes wrong
 * comes out as a {@link RemoteStorageException}.
 */
public final class TakhinRemoteStorageManager implements RemoteStorageManager {
  private static final Logger LOG = LoggerFactory.getLogger(TakhinRemoteStorageManager.class);

  private final Clock clock = Clock.systemUTC();

  /** Written once by {@link #configure}, which the broker calls before anything else. */
  private volatile @Nullable Machinery machinery;

  /** Written once, after the machinery; none in tests that bring theirs. */
  private volatile @Nullable Observers observers;

  /** For the broker, which calls {@link #configure} next. */
  public TakhinRemoteStorageManager() {}

  /** For tests, with a store of theirs. */
  TakhinRemoteStorageManager(Machinery machinery) {
    this.machinery = machinery;
  }

  /**
   * Begins to work.
   *
   * @throws org.apache.kafka.common.config.ConfigException naming every problem
   * @throws UncheckedIOException if the data directory cannot be used
   */
  @Override
  public void configure(Map<String, ?> configs) {
    PluginConfig config = PluginConfig.of(configs);
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try {
      Machinery parts = Machinery.open(config, new S3Store(config.s3()), meters, clock);
      machinery = parts;
      observers = Observers.of(parts, meters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LOG.info(
        "started broker_id={} data_dir={} bucket={} prefix={}",
        config.brokerId(),
        config.dataDir(),
        config.s3().bucket(),
        config.prefix());
  }

  private Machinery machinery() {
    Machinery configured = machinery;
    if (configured == null) {
      throw new IllegalStateException("not configured yet");
    }
    return configured;
  }

  @Override
  public Optional<CustomMetadata> copyLogSegmentData(
      RemoteLogSegmentMetadata segment, LogSegmentData data) throws RemoteStorageException {
    return KafkaErrors.guard(
        "copy",
        segment.remoteLogSegmentId(),
        () -> machinery().calls.time(Kind.COPY, () -> Optional.of(copy(segment, data))));
  }

  private CustomMetadata copy(RemoteLogSegmentMetadata segment, LogSegmentData data)
      throws IOException {
    Machinery parts = machinery();
    SegmentCopier.Order order =
        new SegmentCopier.Order(
            KafkaSegments.id(segment),
            KafkaSegments.facts(segment, parts.config.brokerId(), clock.millis()),
            new TreeMap<>(segment.segmentLeaderEpochs()),
            KafkaSegments.files(data));
    SegmentLayout layout = parts.copier.copy(order);
    parts.fetcher.know(new RemoteSegment(order.id(), layout, order.facts().endOffset()));
    return KafkaSegments.customMetadata(layout);
  }

  @Override
  public InputStream fetchLogSegment(RemoteLogSegmentMetadata segment, int startPosition)
      throws RemoteStorageException {
    return fetch(segment, startPosition, Long.MAX_VALUE);
  }

  @Override
  public InputStream fetchLogSegment(
      RemoteLogSegmentMetadata segment, int startPosition, int endPosition)
      throws RemoteStorageException {
    return fetch(segment, startPosition, endPosition + 1L);
  }

  private InputStream fetch(RemoteLogSegmentMetadata segment, int startBytes, long endBytes)
      throws RemoteStorageException {
    return KafkaErrors.guard(
        "fetch",
        segment.remoteLogSegmentId(),
        () -> machinery().calls.time(Kind.FETCH, () -> log(segment, startBytes, endBytes)));
  }

  private InputStream log(RemoteLogSegmentMetadata segment, int startBytes, long endBytes)
      throws IOException, RemoteStorageException {
    try {
      return machinery().fetcher.log(remote(segment), startBytes, endBytes);
    } catch (StoreException.NotFound e) {
      throw new RemoteResourceNotFoundException(
          "no such object: segment=" + segment.remoteLogSegmentId(), e);
    }
  }

  /**
   * Gives one of a segment's indexes. That there are no aborted transactions is answered without a
   * request, and never from the absence of an object: a broker would take their records for good.
   */
  @Override
  public InputStream fetchIndex(RemoteLogSegmentMetadata segment, IndexType type)
      throws RemoteStorageException {
    return KafkaErrors.guard(
        "fetch of index " + type,
        segment.remoteLogSegmentId(),
        () ->
            machinery()
                .calls
                .time(Kind.FETCH_INDEX, () -> new ByteArrayInputStream(index(segment, type))));
  }

  private byte[] index(RemoteLogSegmentMetadata segment, IndexType type)
      throws IOException, RemoteStorageException {
    RemoteSegment remote = remote(segment);
    if (type == IndexType.TRANSACTION
        && remote.layout().indexes().sizes().of(IndexKind.TRANSACTION) == 0) {
      throw new RemoteResourceNotFoundException(
          "no transaction was aborted: segment=" + segment.remoteLogSegmentId());
    }
    try {
      return machinery().fetcher.index(remote, KafkaSegments.kind(type));
    } catch (StoreException.NotFound e) {
      if (type == IndexType.TRANSACTION) {
        throw e;
      }
      throw new RemoteResourceNotFoundException(
          "no such object: segment=" + segment.remoteLogSegmentId(), e);
    }
  }

  private static RemoteSegment remote(RemoteLogSegmentMetadata segment) {
    SegmentLayout layout =
        KafkaSegments.layout(segment)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no custom metadata: the segment was copied by another plugin, or not to"
                            + " its end"));
    return new RemoteSegment(KafkaSegments.id(segment), layout, segment.endOffset() + 1);
  }

  /**
   * Remembers that the segment's objects are to be removed, which survives restarts, and returns;
   * they are removed in the background. A segment that is not there counts as removed.
   */
  @Override
  public void deleteLogSegmentData(RemoteLogSegmentMetadata segment) throws RemoteStorageException {
    Object unused =
        KafkaErrors.guard(
            "delete",
            segment.remoteLogSegmentId(),
            () ->
                machinery()
                    .calls
                    .time(
                        Kind.DELETE,
                        () -> {
                          delete(segment);
                          return "";
                        }));
  }

  private void delete(RemoteLogSegmentMetadata segment) throws IOException {
    Machinery parts = machinery();
    RemoteSegmentId id = KafkaSegments.id(segment);
    // Without a layout the copy was never complete, and was made by this configuration if at all.
    Optional<SegmentLayout> layout = KafkaSegments.layout(segment);
    parts.ledger.doom(id.stem(layout.map(SegmentLayout::prefix).orElse(parts.config.prefix())));
    parts.reaper.call();
    layout.ifPresent(
        known -> parts.fetcher.forget(new RemoteSegment(id, known, segment.endOffset() + 1)));
  }

  @Override
  public void close() throws IOException {
    Observers shown = observers;
    if (shown != null) {
      shown.close();
    }
    Machinery configured = machinery;
    if (configured != null) {
      configured.close();
    }
  }
}
