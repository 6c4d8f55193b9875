package io.takhin.kafka.copy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.kafka.copy.LogSender.SentLog;
import io.takhin.kafka.form.Storing;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.kafka.layout.RemoteManifest;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.kafka.ledger.Ledger;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectVerifier;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.TransferEngine;
import io.takhin.tiered.transfer.TransferStatus;
import io.takhin.tiered.transfer.TransferStatus.Direction;
import io.takhin.tiered.transfer.Workers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies segments: intent durable → log → index object → both verified against the store's own
 * checksums, the log while the index object is sent → manifest → forgotten by the ledger. The log
 * is read once; the checksums of its chunks come from the same bytes.
 *
 * <p>When any of this fails or takes too long, what there may be in the bucket is removed before
 * the caller is told: a broker gives the next attempt other keys and may never ask for these to be
 * deleted. What cannot be removed then, or was left by a process that died, the ledger has removed
 * later. Copying the same segment again overwrites.
 *
 * <p>Any thread; blocks. Memory is that of the transfer engine, which all copies share, and a
 * budget for index objects.
 */
public final class SegmentCopier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentCopier.class);
  private static final Purpose PURPOSE = Purpose.background("copy");

  /** A broker copies ten segments at a time unless it is told otherwise. */
  private static final int CHECK_THREADS = 10;

  private static final int MAX_CHECKS_QUEUED = 1000;

  private final ObjectStore store;
  private final TransferEngine engine;
  private final ObjectVerifier verifier;
  private final Ledger ledger;
  private final Undo undo;
  private final Options options;
  private final IndexMemory indexMemory;
  private final LogSender sender;
  private final Counter plainBytes;
  private final Counter storedBytes;
  private final Deadlines deadlines = new Deadlines();
  private final Workers checks =
      new Workers("takhin-kafka-check", CHECK_THREADS, MAX_CHECKS_QUEUED);

  /**
   * How to copy.
   *
   * @param prefix of the keys
   * @param timeout for one segment
   * @param indexMemoryBytes for index objects, over all copies
   * @param storing what is done to the bytes
   */
  public record Options(String prefix, Duration timeout, long indexMemoryBytes, Storing storing) {}

  /** What is done with a copy that failed. */
  @FunctionalInterface
  public interface Undo {
    /** Removes what there is of it, or sees to it that this is done later; does not fail. */
    void undo(ObjectStem stem);
  }

  /**
   * @param meters gets {@code takhin_kafka_copied_log_bytes}, by {@code form}: plain, as brokers
   *     have the logs, and stored
   */
  public SegmentCopier(
      ObjectStore store,
      TransferEngine engine,
      Ledger ledger,
      Undo undo,
      Options options,
      MeterRegistry meters) {
    this.store = store;
    this.engine = engine;
    this.verifier = new ObjectVerifier(store);
    this.ledger = ledger;
    this.undo = undo;
    this.options = options;
    this.indexMemory = new IndexMemory(options.indexMemoryBytes());
    this.sender = new LogSender(engine, verifier, options.storing(), PURPOSE);
    this.plainBytes = counter(meters, "plain");
    this.storedBytes = counter(meters, "stored");
  }

  private static Counter counter(MeterRegistry meters, String form) {
    return Counter.builder("takhin_kafka_copied_log_bytes")
        .description("Bytes of the logs that were copied, by form: as brokers have them, as stored")
        .tag("form", form)
        .register(meters);
  }

  /** A segment to be copied. */
  public record Order(
      RemoteSegmentId id,
      RemoteManifest.Facts facts,
      SortedMap<Integer, Long> leaderEpochs,
      LocalSegment files) {}

  /**
   * Copies a segment. When this returns, its objects are in the bucket and proved.
   *
   * @return where and what they are
   * @throws CopyTimeoutException if it took too long
   * @throws IOException if it failed; what there was of it is removed, if the store let it be
   */
  public SegmentLayout copy(Order order) throws IOException {
    ObjectStem stem = order.id().stem(options.prefix());
    ledger.begin(stem);
    boolean committed = false;
    try {
      SegmentLayout layout = copyInTime(order, stem);
      ledger.commit(stem);
      committed = true;
      plainBytes.increment((double) layout.indexes().form().plainBytes());
      storedBytes.increment((double) layout.indexes().logBytes());
      return layout;
    } finally {
      if (!committed) {
        undo.undo(stem);
      }
    }
  }

  private SegmentLayout copyInTime(Order order, ObjectStem stem) throws IOException {
    Deadlines.Deadline deadline = deadlines.begin(options.timeout(), () -> cancelUpload(stem));
    try (deadline) {
      return copy(order, stem);
    } catch (IOException | RuntimeException e) {
      if (deadline.hasFired()) {
        throw new CopyTimeoutException(order.id().toString(), options.timeout(), e);
      }
      throw e;
    }
  }

  /** An interrupt alone would wait for the parts that are under way. */
  private void cancelUpload(ObjectStem stem) {
    for (TransferStatus transfer : engine.running()) {
      if (transfer.key().equals(stem.log()) && transfer.direction() == Direction.UPLOAD) {
        boolean unused = engine.cancel(transfer.id());
      }
    }
  }

  private SegmentLayout copy(Order order, ObjectStem stem) throws IOException {
    LocalSegment files = order.files();
    try (SentLog log = sender.send(order.id(), files.log(), stem.log())) {
      ObjectProof proof = log.proof();
      RemoteIndexes indexes =
          new RemoteIndexes(
              proof.sizeBytes(), proof.checksum(), IndexObject.sizes(files), log.encoder().form());
      FutureTask<ObjectProof> logCheck = check(proof);
      ObjectProof indexObject;
      try {
        indexObject = putIndexes(stem.indexes(), indexes, log, files);
        verifier.verify(indexObject);
        await(logCheck);
      } finally {
        logCheck.cancel(true); // Nobody waits for it if the other object failed.
      }
      SegmentLayout layout = new SegmentLayout(options.prefix(), indexes, indexObject.checksum());
      putManifest(stem, RemoteManifest.of(order.id(), order.facts(), order.leaderEpochs(), layout));
      LOG.debug(
          "segment_copied segment={} form={} stored_bytes={}",
          order.id(),
          indexes.form(),
          indexes.logBytes());
      return layout;
    }
  }

  /** Verifies the log while the index object is sent: far stores take long to answer each. */
  private FutureTask<ObjectProof> check(ObjectProof log) {
    FutureTask<ObjectProof> check =
        new FutureTask<>(
            () -> {
              verifier.verify(log);
              return log;
            });
    try {
      checks.execute(check);
    } catch (RejectedExecutionException e) {
      check.run(); // Too many at the moment; it only takes longer.
    }
    return check;
  }

  private static void await(FutureTask<ObjectProof> check) throws IOException {
    try {
      ObjectProof unused = check.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the log was verified");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  private ObjectProof putIndexes(
      ObjectKey key, RemoteIndexes indexes, SentLog log, LocalSegment files) throws IOException {
    long memoryBytes = IndexObject.memoryBytes(indexes);
    indexMemory.acquire(memoryBytes);
    try {
      return put(key, IndexObject.build(indexes, log, files), PutOptions.BINARY);
    } finally {
      indexMemory.release(memoryBytes);
    }
  }

  private void putManifest(ObjectStem stem, RemoteManifest manifest) throws StoreException {
    PutOptions json = new PutOptions(false, RemoteManifest.CONTENT_TYPE, Map.of());
    ObjectProof unused = put(stem.manifest(), ByteBuffer.wrap(manifest.toJson()), json);
  }

  /** An unknown outcome is settled by asking what stands there. */
  private ObjectProof put(ObjectKey key, ByteBuffer body, PutOptions how) throws StoreException {
    ObjectProof proof = new ObjectProof(key, body.remaining(), Crc32c.of(body));
    try {
      store.put(key, body, proof.checksum(), how);
    } catch (StoreException.Unavailable e) {
      if (!hasArrived(verifier, proof, e)) {
        throw e;
      }
    }
    return proof;
  }

  /** Whether a request whose outcome is not known has succeeded. */
  static boolean hasArrived(ObjectVerifier verifier, ObjectProof proof, StoreException failure) {
    try {
      return verifier.holds(proof);
    } catch (StoreException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  @Override
  public void close() {
    checks.close();
    deadlines.close();
  }
}
