package io.takhin.kafka.fetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.takhin.kafka.form.KeyRing;
import io.takhin.kafka.form.SegmentDecoder;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.kafka.layout.WrappedKey;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.ObjectReads;
import io.takhin.tiered.read.ObjectReads.ProvedLog;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * How the segments that were read last are stored, for those that are not stored as they were. It
 * is in the index object, which brokers ask for before the first record. Any thread; no method
 * blocks.
 */
final class SegmentForms {
  /** The positions of the blocks of 256 GiB of compressed logs. */
  private static final long MAX_BYTES = 16 << 20;

  private final ObjectReads reads;
  private final KeyRing keys;
  private final Executor executor;
  private final Cache<ObjectKey, SegmentDecoder> decoders =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((ObjectKey log, SegmentDecoder decoder) -> decoder.sizeBytes())
          .executor(Runnable::run)
          .build();

  /**
   * @param executor for what reads from the chunk cache
   */
  SegmentForms(ObjectReads reads, KeyRing keys, Executor executor) {
    this.reads = reads;
    this.keys = keys;
    this.executor = executor;
  }

  /**
   * The decoder of a segment that is not stored as it was. Fails with {@link
   * io.takhin.kafka.form.KeyUnusableException} and {@link
   * io.takhin.kafka.form.DamagedFormException} as well.
   */
  CompletableFuture<SegmentDecoder> of(RemoteSegment segment) {
    ProvedLog log = segment.proved();
    SegmentDecoder known = decoders.getIfPresent(log.log().key());
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    return reads.proofs(log).thenApplyAsync(object -> decoder(segment, log, object), executor);
  }

  private SegmentDecoder decoder(RemoteSegment segment, ProvedLog log, CachedRange object) {
    try (object) {
      RemoteIndexes layout = IndexProofs.layout(log, object);
      Optional<WrappedKey> key = Optional.empty();
      if (layout.form().isEncrypted()) {
        key = Optional.of(WrappedKey.parse(bytes(object, layout.keyAt(), WrappedKey.BYTES)));
      }
      byte[] blockSizes = bytes(object, layout.blockSizesAt(), layout.blockSizesBytes());
      SegmentDecoder decoder = new SegmentDecoder(segment.id(), layout, keys, key, blockSizes);
      decoders.put(log.log().key(), decoder);
      return decoder;
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static byte[] bytes(CachedRange object, int at, int length) throws IOException {
    byte[] bytes = new byte[length];
    object.readFully(at, ByteBuffer.wrap(bytes));
    return bytes;
  }

  /** A segment is no more. */
  void forget(RemoteSegment segment) {
    decoders.invalidate(segment.proved().log().key());
  }
}
