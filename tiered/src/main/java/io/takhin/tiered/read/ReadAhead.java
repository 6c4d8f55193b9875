package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.ReadIndex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what comes next for readers who go through a log in order.
 *
 * <p>Readers are not known by name. A read that begins where the one before it did, within it, or
 * where it ended, continues it; so does one that begins the segment after one that was read to its
 * end. Such a chain is a stream. Its window, how far ahead of the reader is fetched, is what the
 * stream has asked for so far: nothing for the first read, and then it doubles with each round trip
 * to the store, up to a limit. So at worst as much is fetched for nothing as was read, and a reader
 * who jumps causes nothing.
 *
 * <p>All streams share one budget of bytes, under way and not yet asked for. A stream that finds it
 * used up goes on with its next read.
 */
final class ReadAhead {
  private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

  private static final int MAX_PARTITIONS = 4096;
  private static final int MAX_STREAMS_PER_PARTITION = 32;
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);

  /** Beyond that more requests at the same time bring no more bytes. */
  private static final long MAX_WINDOW_BYTES = 64L << 20;

  private static final long MAX_REQUEST_BYTES =
      (long) ChunkFetcher.MAX_AHEAD_RUN_CHUNKS * ReadIndex.CHUNK_BYTES;

  private final long budgetBytes;
  private final ChunkFetcher fetcher;
  private final Source source;
  private final Cache<PartitionId, Streams> partitions;

  /** Where the logs are. */
  interface Source {
    /** What proves the log's chunks. */
    CompletableFuture<ChunkProof> proof(RemoteFile log);

    /** The log that follows, if it is only in the bucket too. */
    Optional<RemoteFile> next(RemoteFile log);
  }

  ReadAhead(long budgetBytes, ChunkFetcher fetcher, Source source, Ticker ticker) {
    this.budgetBytes = budgetBytes;
    this.fetcher = fetcher;
    this.source = source;
    this.partitions =
        Caffeine.newBuilder()
            .maximumSize(MAX_PARTITIONS)
            .expireAfterAccess(FORGOTTEN_AFTER)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** A reader who goes through in order, as far as is known. */
  private static final class Stream {
    RemoteFile log;
    long lastStartBytes;

    /** Where the next read is expected. */
    long nextBytes;

    /** Asked for by all of its reads. */
    long askedBytes;

    /** Up to where was fetched ahead; in {@code aheadLog}. */
    RemoteFile aheadLog;

    long aheadBytes;

    Stream(RemoteFile log, ByteRange range) {
      this.log = log;
      this.lastStartBytes = range.startBytes();
      this.nextBytes = range.endBytes();
      this.askedBytes = range.lengthBytes();
      this.aheadLog = log;
      this.aheadBytes = range.endBytes();
    }
  }

  /** A step of fetching ahead: a range of one log. */
  private record Step(RemoteFile log, ByteRange range) {}

  /** The streams of one partition, the one used last at the end. */
  private final class Streams {
    @GuardedBy("this")
    private final List<Stream> streams = new ArrayList<>();

    /**
     * Notes a read.
     *
     * @param steps gets what is to be fetched ahead now
     * @return whether it continues another one
     */
    synchronized boolean note(RemoteFile log, ByteRange range, List<Step> steps) {
      Stream stream = continued(log, range.startBytes());
      if (stream == null) {
        if (streams.size() == MAX_STREAMS_PER_PARTITION) {
          streams.remove(0);
        }
        streams.add(new Stream(log, range));
        return false;
      }
      streams.remove(stream);
      streams.add(stream);
      if (advance(stream, log, range)) {
        plan(stream, steps);
      }
      return true;
    }

    @GuardedBy("this")
    private @Nullable Stream continued(RemoteFile log, long startBytes) {
      for (int at = streams.size() - 1; at >= 0; at--) {
        Stream stream = streams.get(at);
        boolean goesOn =
            stream.log.equals(log)
                && startBytes >= stream.lastStartBytes
                && startBytes <= stream.nextBytes;
        if (goesOn || crossesInto(log, startBytes, stream)) {
          return stream;
        }
      }
      return null;
    }

    private boolean crossesInto(RemoteFile log, long startBytes, Stream stream) {
      return startBytes == 0
          && stream.nextBytes == stream.log.sizeBytes()
          && source.next(stream.log).equals(Optional.of(log));
    }

    /** False for a read that asks for nothing new. */
    @GuardedBy("this")
    private boolean advance(Stream stream, RemoteFile log, ByteRange range) {
      if (!stream.log.equals(log)) {
        stream.log = log;
        stream.nextBytes = 0;
        if (!stream.aheadLog.equals(log)) {
          stream.aheadLog = log;
          stream.aheadBytes = 0;
        }
      }
      long newBytes = Math.max(0, range.endBytes() - stream.nextBytes);
      stream.askedBytes += newBytes;
      stream.lastStartBytes = range.startBytes();
      stream.nextBytes = Math.max(stream.nextBytes, range.endBytes());
      if (stream.aheadLog.equals(log)) {
        stream.aheadBytes = Math.max(stream.aheadBytes, stream.nextBytes);
      }
      return newBytes > 0;
    }

    /** Goes on from where was fetched to, in requests of the size that fits the window. */
    @GuardedBy("this")
    private void plan(Stream stream, List<Step> steps) {
      long window = windowBytes(stream.askedBytes);
      long request = Math.max(ReadIndex.CHUNK_BYTES, Math.min(MAX_REQUEST_BYTES, window / 2));
      long planned = 0;
      while (true) {
        long ahead = aheadOf(stream);
        long end = alignedEnd(stream.aheadLog, stream.aheadBytes + request);
        long bytes = end - stream.aheadBytes;
        if (bytes == 0) {
          Optional<RemoteFile> next = source.next(stream.aheadLog);
          boolean isNear = stream.aheadLog.equals(stream.log);
          if (next.isEmpty() || !isNear) {
            return;
          }
          stream.aheadLog = next.get();
          stream.aheadBytes = 0;
          continue;
        }
        if (ahead + bytes > window || !isInBudget(planned + bytes)) {
          return;
        }
        steps.add(new Step(stream.aheadLog, new ByteRange(stream.aheadBytes, end)));
        stream.aheadBytes = end;
        planned += bytes;
      }
    }
  }

  /** At a chunk's border, so that no chunk is split between two requests. */
  private static long alignedEnd(RemoteFile log, long endBytes) {
    long aligned = endBytes / ReadIndex.CHUNK_BYTES * ReadIndex.CHUNK_BYTES;
    return Math.min(log.sizeBytes(), aligned);
  }

  private static long aheadOf(Stream stream) {
    return stream.aheadLog.equals(stream.log)
        ? stream.aheadBytes - stream.nextBytes
        : stream.log.sizeBytes() - stream.nextBytes + stream.aheadBytes;
  }

  private long windowBytes(long askedBytes) {
    long share = budgetBytes / Math.max(1, partitions.estimatedSize());
    return Math.min(askedBytes, Math.min(MAX_WINDOW_BYTES, share));
  }

  private boolean isInBudget(long moreBytes) {
    return fetcher.aheadBytes() + fetcher.cache().stagedBytes() + moreBytes <= budgetBytes;
  }

  /**
   * Notes a read of a log, and fetches ahead what it calls for. Does not block.
   *
   * @param range not empty
   * @return whether the read continues another one
   */
  boolean onRead(RemoteFile log, ByteRange range) {
    List<Step> steps = new ArrayList<>();
    Streams streams = partitions.get(log.segment().partition(), partition -> new Streams());
    boolean inOrder = streams.note(log, range, steps);
    steps.forEach(this::fetch);
    return inOrder;
  }

  private void fetch(Step step) {
    LOG.debug("read_ahead segment={} range={}", step.log().segment(), step.range());
    int first = RemoteFile.chunkAt(step.range().startBytes());
    int end = RemoteFile.chunkAt(step.range().endBytes() - 1) + 1;
    CompletableFuture<Void> unused =
        source
            .proof(step.log())
            .thenAccept(proof -> fetcher.fetchAhead(step.log(), proof, first, end))
            .exceptionally(
                failure -> {
                  // Whoever reads there is told; nobody waits for this.
                  LOG.debug("read_ahead_failed segment={}", step.log().segment(), failure);
                  return null;
                });
  }
}
