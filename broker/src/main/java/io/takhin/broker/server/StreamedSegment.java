package io.takhin.broker.server;

import io.takhin.broker.tiering.ColdBytes;
import io.takhin.broker.tiering.ColdSegment;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.CachedRange.Region;
import io.takhin.tiered.read.SegmentIndexes;
import io.takhin.tiered.read.SegmentReader;
import io.takhin.tiered.segment.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;

/** A segment that the archiver reads for the broker, wherever it is. */
final class StreamedSegment implements ColdSegment {
  private final SegmentMetadata metadata;
  private final SegmentReader reader;

  StreamedSegment(SegmentMetadata metadata, SegmentReader reader) {
    this.metadata = metadata;
    this.reader = reader;
  }

  @Override
  public long baseOffset() {
    return metadata.id().baseOffset();
  }

  @Override
  public long endOffset() {
    return metadata.endOffset();
  }

  @Override
  public long sizeBytes() {
    return metadata.sizeBytes();
  }

  @Override
  public CompletableFuture<Long> positionOf(long offset) {
    if (offset <= baseOffset()) {
      return CompletableFuture.completedFuture(0L);
    }
    return search(indexes -> indexes.positionOf(offset));
  }

  @Override
  public CompletableFuture<Long> offsetOf(long timestampMillis) {
    return search(indexes -> indexes.offsetOf(timestampMillis));
  }

  /** A search of an index. */
  @FunctionalInterface
  private interface Search {
    long in(SegmentIndexes indexes) throws IOException;
  }

  private CompletableFuture<Long> search(Search search) {
    return reader
        .indexes()
        .thenCompose(
            indexes -> {
              try (indexes) {
                return CompletableFuture.completedFuture(search.in(indexes));
              } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
              }
            });
  }

  @Override
  public CompletableFuture<ColdBytes> read(long positionBytes, int minBytes, int maxBytes) {
    return reader.read(FileKind.LOG, positionBytes, minBytes, maxBytes).thenApply(Bytes::new);
  }

  /** The archiver keeps nothing for a reader. */
  @Override
  public void close() {}

  /** The archiver's bytes in the broker's words. */
  private record Bytes(CachedRange range) implements ColdBytes {
    @Override
    public int lengthBytes() {
      return range.lengthBytes();
    }

    @Override
    public void readFully(int offset, ByteBuffer into) throws IOException {
      range.readFully(offset, into);
    }

    @Override
    public long copyTo(int offset, int maxBytes, WritableByteChannel target) throws IOException {
      return range.copyTo(offset, maxBytes, target);
    }

    @Override
    public FileSlice sliceAt(int offset) {
      int skip = offset;
      for (Region region : range.regions()) {
        if (skip < region.lengthBytes()) {
          return new FileSlice(
              region.channel(),
              region.positionBytes() + skip,
              region.lengthBytes() - skip,
              region.isReused());
        }
        skip -= region.lengthBytes();
      }
      throw new IndexOutOfBoundsException(
          "outside of the range: offset=" + offset + " range_bytes=" + range.lengthBytes());
    }

    @Override
    public void close() {
      range.close();
    }
  }
}
