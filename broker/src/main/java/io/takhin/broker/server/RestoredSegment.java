package io.takhin.broker.server;

import io.takhin.broker.tiering.ColdSegment;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.FileKind;
import java.nio.file.Path;

/** A segment the archiver lends to a reader of the broker. */
final class RestoredSegment implements ColdSegment {
  private final SegmentMetadata metadata;
  private final LeasedSegment leased;

  RestoredSegment(SegmentMetadata metadata, LeasedSegment leased) {
    this.metadata = metadata;
    this.leased = leased;
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
  public Path log() {
    return leased.files().log();
  }

  @Override
  public Path index() {
    return file(FileKind.INDEX);
  }

  @Override
  public Path timeIndex() {
    return file(FileKind.TIMEINDEX);
  }

  /** Where the file is, or would be if the segment had one. */
  private Path file(FileKind kind) {
    return leased
        .files()
        .path(kind)
        .orElseGet(() -> log().resolveSibling(kind.fileName(metadata.id())));
  }

  @Override
  public void close() {
    leased.close();
  }
}
