package io.takhin.tiered.transfer;

import io.takhin.tiered.segment.DirectorySync;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Downloads an object by parallel ranges into a temporary file beside its target, and gives it the
 * final name only when size and checksum are proved and the bytes are on disk. So a reader sees the
 * whole file or none.
 *
 * <p>A file of several ranges is asked about first, and each range then asks for the ETag of that
 * answer, so an object that is replaced halfway fails instead of mixing two contents. A file of one
 * range is fetched with one request: the checksum of what came proves it, and most files of a
 * segment are so small that a second request would take longer than their bytes.
 */
public final class RangedDownloader {
  /** What a temporary file's name holds and no segment file's name can. */
  private static final String TEMPORARY = ".part-";

  private static final int MAX_RESUMPTIONS = 4;

  private final ObjectStore store;
  private final ObjectVerifier verifier;
  private final TransferPool pool;

  public RangedDownloader(ObjectStore store, TransferPool pool) {
    this.store = store;
    this.verifier = new ObjectVerifier(store);
    this.pool = pool;
  }

  /**
   * Whether the file is one that a download left behind when its process ended.
   *
   * @param file need not exist
   */
  public static boolean isTemporary(Path file) {
    return file.getFileName().toString().contains(TEMPORARY);
  }

  /** Deletes the temporary files in a directory; for the start, when no download is under way. */
  public static void removeTemporaries(Path directory) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, RangedDownloader::isTemporary)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * Downloads into a temporary file in the target's directory. Blocks; the work is done on the
   * pool. When this fails the temporary file is gone.
   *
   * @return the file, complete, proved and forced to disk, for {@link #place}
   * @throws ObjectMismatchException if the store holds something else, or sent something else
   */
  public Path fetch(ObjectProof proof, Path target) throws IOException {
    boolean oneRange = rangeCount(proof) == 1;
    @Nullable String etag = oneRange ? null : verifier.verify(proof).etag();
    Path temporary = target.resolveSibling(target.getFileName() + TEMPORARY + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        Crc32c got = fetchRanges(proof, etag, channel);
        if (!got.equals(proof.checksum())) {
          throw new ObjectMismatchException(
              "checksum mismatch in downloaded bytes: key="
                  + proof.key()
                  + " expected="
                  + proof.checksum()
                  + " got="
                  + got
                  + " store="
                  + store.description());
        }
        channel.force(true);
      }
      return temporary;
    } catch (StoreException.NotFound | StoreException.Corrupt e) {
      discard(temporary, e);
      verifier.verify(proof); // It says what is wrong with the object, if that can be said.
      throw e;
    } catch (IOException | RuntimeException e) {
      discard(temporary, e);
      throw e;
    }
  }

  private int rangeCount(ObjectProof proof) {
    long partSizeBytes = pool.options().partSizeBytes();
    return Math.toIntExact((proof.sizeBytes() + partSizeBytes - 1) / partSizeBytes);
  }

  /** Gives a fetched file its final name, for good. */
  public static void place(Path temporary, Path target) throws IOException {
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("no directory to restore into: file=" + target);
    }
    DirectorySync.force(directory);
  }

  private Crc32c fetchRanges(ObjectProof proof, @Nullable String etag, FileChannel channel)
      throws IOException {
    long partSizeBytes = pool.options().partSizeBytes();
    List<RangeTarget> ranges =
        pool.run(
            rangeCount(proof),
            index -> {
              long start = index * partSizeBytes;
              long length = Math.min(partSizeBytes, proof.sizeBytes() - start);
              return fetchRange(proof, etag, new RangeTarget(channel, start, length));
            });
    Crc32c whole = Crc32c.EMPTY;
    for (RangeTarget range : ranges) {
      whole = whole.combine(range.checksum(), range.lengthBytes());
    }
    return whole;
  }

  /**
   * Fetches a range, going on where a broken body ended, a few times: the adapter cannot retry
   * these, because bytes were handed out already. A failure before the first byte was retried by
   * the adapter and ends this.
   */
  private RangeTarget fetchRange(ObjectProof proof, @Nullable String etag, RangeTarget target)
      throws IOException {
    int resumptions = 0;
    while (target.remainingBytes() > 0) {
      long before = target.remainingBytes();
      try {
        store.read(proof.key(), target.positionBytes(), before, etag, target);
      } catch (StoreException.Unavailable e) {
        boolean progressed = target.remainingBytes() < before;
        if (!progressed || ++resumptions > MAX_RESUMPTIONS) {
          throw e;
        }
        continue;
      }
      if (target.remainingBytes() > 0) {
        throw new ObjectMismatchException(
            "short read: key="
                + proof.key()
                + " expected_bytes="
                + before
                + " got_bytes="
                + (before - target.remainingBytes())
                + " store="
                + store.description());
      }
    }
    return target;
  }

  private static void discard(Path temporary, Exception failure) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
