package io.takhin.kafka.fetch;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.kafka.form.KeyRing;
import io.takhin.kafka.form.SegmentDecoder;
import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.ChunkReadOptions;
import io.takhin.tiered.read.ObjectReads;
import io.takhin.tiered.read.ObjectReads.ProvedLog;
import io.takhin.tiered.read.ReadStats;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records and indexes of remote segments, by way of the chunk cache.
 *
 * <p>Brokers interrupt a thread whose fetch takes too long and ask again. So the calling thread
 * only waits: what was begun for it goes on, and the retry finds it. What has come is copied to the
 * heap by a thread of ours, because an interrupt would close the file that it is read from.
 */
public final class SegmentFetcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentFetcher.class);

  /** Copies from the page cache; more threads would not make it faster. */
  private static final int COPY_THREADS = 4;

  private static final int MAX_QUEUED = 10_000;

  /** What is copied to the heap at once; see {@link LogStream}. */
  private static final int PIECE_BYTES = RemoteIndexes.CHUNK_BYTES;

  private final KnownSegments known;
  private final ObjectReads reads;
  private final SegmentForms forms;
  private final Workers copies = new Workers("takhin-kafka-fetch", COPY_THREADS, MAX_QUEUED);

  /**
   * Nothing is read before {@link #start}.
   *
   * @param keys of encrypted segments
   */
  public SegmentFetcher(
      ChunkReadOptions options,
      KeyRing keys,
      ObjectStore store,
      MeterRegistry meters,
      Clock clock) {
    this.known = new KnownSegments(store);
    this.reads = new ObjectReads(options, new IndexProofs(), known, store, meters, clock);
    this.forms = new SegmentForms(reads, keys, copies);
  }

  /** Takes up what an earlier run has cached. */
  public void start() throws IOException {
    reads.start();
  }

  /** A segment is in the bucket that may be read soon. */
  public void know(RemoteSegment segment) {
    known.add(segment);
  }

  /** A segment is no more; what is cached of it is given up, in the background. */
  public void forget(RemoteSegment segment) {
    known.remove(segment);
    forms.forget(segment);
    try {
      copies.execute(() -> reads.forget(segment.proved()));
    } catch (RejectedExecutionException e) {
      LOG.debug("not_forgotten segment={} reason=\"too busy; it is evicted later\"", segment.id());
    }
  }

  /**
   * The log from a position on. The first bytes are here when this returns.
   *
   * @param startBytes 0 to the size of the log
   * @param endBytes where the stream ends; the log may end before
   * @throws io.takhin.tiered.store.StoreException.NotFound if there is no such object
   */
  public InputStream log(RemoteSegment segment, long startBytes, long endBytes) throws IOException {
    known.add(segment);
    long sizeBytes = segment.layout().indexes().form().plainBytes();
    if (startBytes < 0 || startBytes > sizeBytes) {
      throw new IOException(
          "position outside of the segment: segment="
              + segment.id()
              + " position="
              + startBytes
              + " size="
              + sizeBytes);
    }
    LogStream stream =
        new LogStream(
            (position, length) -> window(segment, position, length),
            startBytes,
            Math.min(sizeBytes, endBytes));
    stream.fill();
    return stream;
  }

  /** Exactly that many bytes of the log. */
  private List<byte[]> window(RemoteSegment segment, long position, int length) throws IOException {
    known.lookAhead(segment, position);
    ByteRange plain = new ByteRange(position, position + length);
    return await(
        segment,
        isPlain(segment)
            ? stored(segment, plain).thenApplyAsync(SegmentFetcher::pieces, copies)
            : forms.of(segment).thenCompose(form -> plain(segment, form, plain)));
  }

  private CompletableFuture<CachedRange> stored(RemoteSegment segment, ByteRange stored) {
    int bytes = Math.toIntExact(stored.lengthBytes());
    return reads.read(segment.proved(), stored.startBytes(), bytes, bytes);
  }

  private CompletableFuture<List<byte[]>> plain(
      RemoteSegment segment, SegmentDecoder form, ByteRange plain) {
    return stored(segment, form.stored(plain))
        .thenApplyAsync(range -> List.of(plain(form, plain, range)), copies);
  }

  private static byte[] plain(SegmentDecoder form, ByteRange plain, CachedRange range) {
    try (range) {
      byte[] stored = new byte[range.lengthBytes()];
      range.readFully(0, ByteBuffer.wrap(stored));
      return form.plain(plain, stored);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static boolean isPlain(RemoteSegment segment) {
    return segment.layout().indexes().form().isPlain();
  }

  private static List<byte[]> pieces(CachedRange range) {
    try (range) {
      List<byte[]> pieces = new ArrayList<>();
      for (int at = 0; at < range.lengthBytes(); at += PIECE_BYTES) {
        byte[] bytes = new byte[Math.min(PIECE_BYTES, range.lengthBytes() - at)];
        range.readFully(at, ByteBuffer.wrap(bytes));
        pieces.add(bytes);
      }
      return pieces;
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  /**
   * One of the segment's indexes, as it was; no bytes where it had none. All of them come with one
   * request, which the checksums of the log's chunks need as well.
   */
  public byte[] index(RemoteSegment segment, IndexKind kind) throws IOException {
    if (segment.layout().indexes().sizes().of(kind) == 0) {
      return new byte[0];
    }
    ProvedLog log = segment.proved();
    CompletableFuture<byte[]> stored =
        reads.proofs(log).thenApplyAsync(object -> index(log, object, kind), copies);
    return await(
        segment,
        isPlain(segment)
            ? stored
            : forms.of(segment).thenCombine(stored, (form, bytes) -> index(form, kind, bytes)));
  }

  private static byte[] index(ProvedLog log, CachedRange object, IndexKind kind) {
    try (object) {
      return IndexProofs.index(log, object, kind);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  /** What fetches have cost since the start, and what is cached now. */
  public ReadStats stats() {
    return reads.stats();
  }

  private static byte[] index(SegmentDecoder form, IndexKind kind, byte[] stored) {
    try {
      return form.index(kind, stored);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static <T> T await(RemoteSegment segment, CompletableFuture<T> answer)
      throws IOException {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "the broker waits no longer, the fetch goes on: segment=" + segment.id());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  @Override
  public void close() {
    known.close();
    reads.close();
    copies.close();
  }
}
