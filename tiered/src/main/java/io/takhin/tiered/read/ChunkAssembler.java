package io.takhin.tiered.read;

import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.read.SegmentStreams.Remote;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.zip.CRC32C;

/**
 * Puts a log together from the chunks that are cached, for a restore in the background: what was
 * streamed is not fetched a second time. Chunks that are missing are fetched as for any reader.
 * Blocks; used by threads of the restores.
 */
final class ChunkAssembler {
  private static final int PIECE_BYTES = 4 << 20;
  private static final int SLICE_BYTES = 256 << 10;

  /** Fetched at the same time, if they are not here. */
  private static final int MAX_PIECES = 4;

  private final ChunkCache cache;
  private final SegmentStreams streams;

  ChunkAssembler(ChunkCache cache, SegmentStreams streams) {
    this.cache = cache;
    this.streams = streams;
  }

  /** A source for the restore of that segment: from chunks, if any are here. */
  SegmentRestorer.Source source(Remote remote, SegmentRestorer.Source otherwise) {
    return (file, target) ->
        file.kind() == FileKind.LOG && isPartlyHere(remote.log())
            ? assemble(remote, file, target)
            : otherwise.fetch(file, target);
  }

  private boolean isPartlyHere(RemoteFile log) {
    for (int chunk = 0; chunk < log.chunkCount(); chunk++) {
      if (cache.holds(log.chunk(chunk))) {
        return true;
      }
    }
    return false;
  }

  private Path assemble(Remote remote, ArchivedFile file, Path target) throws IOException {
    Path temporary = SegmentRestorer.temporary(target);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      copyAll(remote, file.sizeBytes(), channel);
      requireProved(file, channel);
      channel.force(true);
      return temporary;
    } catch (IOException | RuntimeException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private void copyAll(Remote remote, long sizeBytes, FileChannel channel) throws IOException {
    Deque<CompletableFuture<CachedRange>> pieces = new ArrayDeque<>();
    try {
      long next = 0;
      while (next < sizeBytes || !pieces.isEmpty()) {
        if (next < sizeBytes && pieces.size() < MAX_PIECES) {
          int piece = (int) Math.min(PIECE_BYTES, sizeBytes - next);
          pieces.add(streams.read(remote, FileKind.LOG, next, piece, piece));
          next += piece;
        } else {
          copy(remote, pieces.remove(), channel);
        }
      }
    } finally {
      for (CompletableFuture<CachedRange> piece : pieces) {
        CompletableFuture<Void> unused = piece.thenAccept(CachedRange::close);
      }
    }
  }

  /** The channel stands where the piece belongs. */
  private static void copy(Remote remote, CompletableFuture<CachedRange> piece, FileChannel channel)
      throws IOException {
    try (CachedRange range = piece.get()) {
      int sent = 0;
      while (sent < range.lengthBytes()) {
        sent += (int) range.transferTo(sent, range.lengthBytes() - sent, channel);
      }
    } catch (InterruptedException e) {
      CompletableFuture<Void> unused = piece.thenAccept(CachedRange::close);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("restore interrupted: segment=" + remote.id());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  /** What was copied is compared as a whole, as after a download. */
  private static void requireProved(ArchivedFile file, FileChannel copy) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer slice = ByteBuffer.allocateDirect(SLICE_BYTES);
    for (long at = 0; at < file.sizeBytes(); at += SLICE_BYTES) {
      slice.clear().limit((int) Math.min(SLICE_BYTES, file.sizeBytes() - at));
      Slab.readFully(copy, slice, at);
      crc.update(slice);
    }
    Crc32c got = new Crc32c((int) crc.getValue());
    if (!got.equals(file.checksum())) {
      throw new IOException(
          "checksum mismatch in cached chunks: key="
              + file.key()
              + " expected="
              + file.checksum()
              + " got="
              + got);
    }
  }
}
