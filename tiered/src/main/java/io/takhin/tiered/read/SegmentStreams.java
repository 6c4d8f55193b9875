package io.takhin.tiered.read;

import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.read.SegmentIndexes.Section;
import io.takhin.tiered.read.TimedReads.EarlyProof;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Serves bytes of segments that only the bucket has, whose objects their receipts name. Any thread;
 * nothing blocks.
 */
final class SegmentStreams {
  private final TimedReads reads;
  private final LogProofs proofs;

  SegmentStreams(TimedReads reads, LogProofs proofs) {
    this.reads = reads;
    this.proofs = proofs;
  }

  /** A segment's objects, as its receipt has them. */
  record Remote(SegmentId id, Receipt receipt, List<RemoteFile> files) {
    Remote(SegmentId id, Receipt receipt) {
      this(id, receipt, receipt.files().stream().map(file -> RemoteFile.of(id, file)).toList());
    }

    Optional<RemoteFile> file(FileKind kind) {
      return files.stream().filter(file -> file.kind() == kind).findFirst();
    }

    RemoteFile log() {
      return file(FileKind.LOG)
          .orElseThrow(() -> new IllegalStateException("receipt without a log: segment=" + id));
    }
  }

  /**
   * Reads bytes of a file.
   *
   * @param positionBytes 0 to the size of the file
   */
  CompletableFuture<CachedRange> read(
      Remote remote, FileKind kind, long positionBytes, int minBytes, int maxBytes) {
    Optional<RemoteFile> file = remote.file(kind);
    if (file.isEmpty()) {
      return CompletableFuture.failedFuture(noSuchFile(remote.id(), kind));
    }
    try {
      ByteRange range = clipped(file.get(), positionBytes, maxBytes);
      int min = (int) Math.min(minBytes, range.lengthBytes());
      return range.isEmpty()
          ? CompletableFuture.completedFuture(
              new CachedRange(kind, positionBytes, List.of(), () -> {}))
          : reads.read(file.get(), proofFor(remote, file.get()), range, Math.max(1, min));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  static ByteRange clipped(RemoteFile file, long positionBytes, int maxBytes) throws IOException {
    if (positionBytes > file.sizeBytes()) {
      throw new IOException(
          "read beyond the end: segment="
              + file.segment()
              + " kind="
              + file.kind()
              + " position="
              + positionBytes
              + " size="
              + file.sizeBytes());
    }
    return new ByteRange(
        positionBytes, positionBytes + Math.min(maxBytes, file.sizeBytes() - positionBytes));
  }

  static NoSuchFileException noSuchFile(SegmentId id, FileKind kind) {
    return new NoSuchFileException(
        kind.fileName(id), null, "segment has no such file: segment=" + id + " kind=" + kind);
  }

  /** What proves the chunks of a file. */
  CompletableFuture<ChunkProof> proof(Remote remote, RemoteFile file) {
    return file.kind() == FileKind.LOG
        ? proofs.of(file, remote.file(FileKind.READINDEX), reads::readWhole)
        : CompletableFuture.completedFuture(ChunkProof.WHOLE);
  }

  /** The same, to be asked for before the chunks. */
  private EarlyProof proofFor(Remote remote, RemoteFile file) {
    boolean mayComeLater = file.isProvedWhole() || remote.file(FileKind.READINDEX).isPresent();
    return new EarlyProof(proof(remote, file), mayComeLater);
  }

  /** The indexes; the ranges they lie in are closed with them. */
  CompletableFuture<SegmentIndexes> indexes(Remote remote) {
    Optional<RemoteFile> readIndex = remote.file(FileKind.READINDEX);
    if (readIndex.isPresent()) {
      return reads
          .readWhole(readIndex.get())
          .thenCompose(range -> fromReadIndex(remote, readIndex.get(), range));
    }
    return fromFiles(remote);
  }

  private CompletableFuture<SegmentIndexes> fromReadIndex(
      Remote remote, RemoteFile readIndex, CachedRange range) {
    try {
      ReadIndex layout = LogProofs.layout(remote.log(), readIndex, range);
      return CompletableFuture.completedFuture(
          new SegmentIndexes(
              remote.id(),
              new Section(range, layout.offsetIndexAt(), layout.offsetIndexBytes()),
              new Section(range, layout.timeIndexAt(), layout.timeIndexBytes()),
              List.of(range)));
    } catch (IOException | RuntimeException e) {
      range.close();
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<SegmentIndexes> fromFiles(Remote remote) {
    CompletableFuture<CachedRange> offsets = readIfAny(remote, FileKind.INDEX);
    CompletableFuture<CachedRange> times = readIfAny(remote, FileKind.TIMEINDEX);
    return offsets
        .thenCombine(
            times,
            (offsetIndex, timeIndex) -> SegmentIndexes.of(remote.id(), offsetIndex, timeIndex))
        .whenComplete(
            (indexes, failure) -> {
              if (failure != null) {
                closeWhenThere(offsets);
                closeWhenThere(times);
              }
            });
  }

  private CompletableFuture<CachedRange> readIfAny(Remote remote, FileKind kind) {
    return remote
        .file(kind)
        .map(reads::readWhole)
        .orElseGet(
            () -> CompletableFuture.completedFuture(new CachedRange(kind, 0, List.of(), () -> {})));
  }

  private static void closeWhenThere(CompletableFuture<CachedRange> range) {
    CompletableFuture<Void> unused = range.thenAccept(CachedRange::close);
  }
}
