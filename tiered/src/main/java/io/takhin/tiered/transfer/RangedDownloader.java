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
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downloads an object by parallel ranges into a temporary file beside its target, and gives it the
 * final name only when size and checksum are proved and the bytes are on disk. So a reader sees the
 * whole file or none.
 *
 * <p>A file of several ranges is asked about first, and each range then asks for the ETag of that
 * answer, so an object that is replaced halfway fails instead of mixing two contents. What has
 * arrived of it is recorded, and taken up by the next attempt, also after a restart. A file of one
 * range is fetched with one request: the checksum of what came proves it, and most files of a
 * segment are so small that a second request would take longer than their bytes.
 */
public final class RangedDownloader {
  private static final Logger LOG = LoggerFactory.getLogger(RangedDownloader.class);

  /** What a temporary file's name holds and no segment file's name can. */
  static final String TEMPORARY = ".part-";

  private final ObjectStore store;
  private final ObjectVerifier verifier;
  private final TransferPool pool;
  private final long rangeSizeBytes;
  private final KeptPartials kept = new KeptPartials();

  RangedDownloader(ObjectStore store, TransferPool pool, long rangeSizeBytes) {
    this.store = store;
    this.verifier = new ObjectVerifier(store);
    this.pool = pool;
    this.rangeSizeBytes = rangeSizeBytes;
  }

  /**
   * Whether the file is one that a download left behind when its process ended.
   *
   * @param file need not exist
   */
  public static boolean isTemporary(Path file) {
    return file.getFileName().toString().contains(TEMPORARY);
  }

  /** A new name for a temporary file in the target's directory. */
  public static Path temporary(Path target) {
    return target.resolveSibling(target.getFileName() + TEMPORARY + UUID.randomUUID());
  }

  /**
   * Deletes what dead downloads left in a directory; for the start, when none is under way.
   *
   * @param awaited whether a file is still to be downloaded, so that what is there of it is kept;
   *     asked with the path that the whole file would have
   */
  public static void removeTemporaries(Path directory, Predicate<Path> awaited) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, RangedDownloader::isTemporary)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        Path target = file.resolveSibling(name.substring(0, name.indexOf(TEMPORARY)));
        if (!(PartialDownload.isResumable(target, file) && awaited.test(target))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * Downloads into a temporary file in the target's directory. Blocks; the work is done on the
   * pool. When this fails because the store is not there, what has arrived is kept for the next
   * attempt; when it fails for any other reason, cancellation included, nothing is left.
   *
   * @return the file, complete, proved and forced to disk, for {@link #place}
   * @throws ObjectMismatchException if the store holds something else, or sent something else
   */
  Path fetch(Transfer transfer, ObjectProof proof, Path target) throws IOException {
    PartPlan plan = new PartPlan(proof.sizeBytes(), rangeSizeBytes);
    try {
      return plan.count() == 1
          ? fetchWhole(transfer, proof, target)
          : fetchRanges(transfer, proof, plan, target);
    } catch (StoreException.NotFound | StoreException.Corrupt e) {
      verifier.verify(proof); // It says what is wrong with the object, if that can be said.
      throw e;
    }
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

  private Path fetchWhole(Transfer transfer, ObjectProof proof, Path target) throws IOException {
    Path temporary = temporary(target);
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      RangeTarget range = new RangeTarget(channel, 0, proof.sizeBytes(), transfer);
      pool.run(transfer, 1, ignored -> fetchRange(proof, null, range));
      requireChecksum(proof, range.checksum());
      channel.force(true);
      return temporary;
    } catch (IOException | RuntimeException e) {
      discard(() -> Files.deleteIfExists(temporary), e);
      throw e;
    }
  }

  private Path fetchRanges(Transfer transfer, ObjectProof proof, PartPlan plan, Path target)
      throws IOException {
    String etag = verifier.verify(proof).etag();
    PartialDownload.Opened opened = PartialDownload.open(proof, plan, target);
    try (PartialDownload partial = opened.partial()) {
      kept.taken(target);
      fetchMissing(transfer, proof, etag, plan, opened);
      requireChecksum(proof, combine(plan, opened.ranges()));
      partial.completed(target);
      return partial.data();
    } catch (StoreException.Unavailable e) {
      if (transfer.isCancelled()) {
        discard(() -> PartialDownload.discard(target), e);
      } else {
        kept.keep(target);
      }
      throw e;
    } catch (IOException | RuntimeException e) {
      discard(() -> PartialDownload.discard(target), e);
      throw e;
    }
  }

  private void fetchMissing(
      Transfer transfer,
      ObjectProof proof,
      String etag,
      PartPlan plan,
      PartialDownload.Opened opened)
      throws IOException {
    PartialDownload partial = opened.partial();
    SortedMap<Long, Crc32c> ranges = opened.ranges();
    List<Integer> missing = new ArrayList<>();
    for (int index = 0; index < plan.count(); index++) {
      if (ranges.containsKey(plan.startBytes(index))) {
        transfer.resumed(plan.lengthBytes(index));
      } else {
        missing.add(index);
      }
    }
    if (!ranges.isEmpty()) {
      LOG.info("download_resumed key={} ranges={} of={}", proof.key(), ranges.size(), plan.count());
    }
    List<RangeTarget> fetched =
        pool.run(
            transfer,
            missing.size(),
            turn -> {
              int index = missing.get(turn);
              RangeTarget range =
                  new RangeTarget(
                      partial.channel(), plan.startBytes(index), plan.lengthBytes(index), transfer);
              fetchRange(proof, etag, range);
              partial.record(range.startBytes(), range.lengthBytes(), range.checksum());
              return range;
            });
    for (RangeTarget range : fetched) {
      ranges.put(range.startBytes(), range.checksum());
    }
  }

  private RangeTarget fetchRange(ObjectProof proof, @Nullable String etag, RangeTarget range)
      throws IOException {
    if (range.lengthBytes() == 0) {
      verifier.verify(proof); // There is nothing to fetch that would prove it.
    } else {
      store.read(proof.key(), range.startBytes(), range.lengthBytes(), etag, range);
    }
    if (range.remainingBytes() > 0) {
      throw new ObjectMismatchException(
          "short read: key="
              + proof.key()
              + " expected_bytes="
              + range.lengthBytes()
              + " missing_bytes="
              + range.remainingBytes()
              + " store="
              + store.description());
    }
    return range;
  }

  private void requireChecksum(ObjectProof proof, Crc32c got) throws ObjectMismatchException {
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
  }

  private static Crc32c combine(PartPlan plan, SortedMap<Long, Crc32c> ranges) {
    Crc32c whole = Crc32c.EMPTY;
    int index = 0;
    for (Crc32c checksum : ranges.values()) {
      whole = whole.combine(checksum, plan.lengthBytes(index++));
    }
    return whole;
  }

  private interface Discarding {
    void run() throws IOException;
  }

  private static void discard(Discarding discarding, Exception failure) {
    try {
      discarding.run();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
