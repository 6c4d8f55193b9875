package io.takhin.tiered.read;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.SegmentState.RemoteOnly;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DirectorySync;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.transfer.FreeSpace;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.RangedDownloader;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a segment's files back into the directory of restored segments. All files are fetched and
 * proved under temporary names first; then they get their names, the log last; then the catalog
 * says that the segment can be read. A failure leaves nothing behind.
 *
 * <p>Blocks; one call per segment at a time.
 */
public final class SegmentRestorer {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentRestorer.class);

  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final TransferEngine engine;
  private final FreeSpace space;
  private final StepObserver steps;

  public SegmentRestorer(
      SegmentCatalog catalog,
      LocalCopies copies,
      TransferEngine engine,
      FreeSpace space,
      StepObserver steps) {
    this.catalog = catalog;
    this.copies = copies;
    this.engine = engine;
    this.space = space;
    this.steps = steps;
  }

  private record Fetched(Path temporary, Path target) {}

  /** Where a file comes from. */
  @FunctionalInterface
  interface Source {
    /**
     * Fetches and proves a file.
     *
     * @return a {@link #temporary} file beside the target, forced to disk
     */
    Path fetch(ArchivedFile file, Path target) throws IOException;
  }

  /** By parallel ranges from the bucket. */
  Source bucket(Purpose purpose) {
    return (file, target) ->
        engine.fetch(
            new ObjectProof(file.key(), file.sizeBytes(), file.checksum()), target, purpose);
  }

  /** A name beside the target that the next start removes if a crash leaves it. */
  static Path temporary(Path target) {
    return RangedDownloader.temporary(target);
  }

  /**
   * Restores a segment that is only in the bucket, or whose local files are gone although the
   * catalog has them; one that is here is left alone.
   *
   * @throws CatalogException.UnknownSegment if there is none, or it is being deleted
   */
  SegmentMetadata restore(SegmentId id, String reason, Source source)
      throws IOException, CatalogException {
    SegmentMetadata segment =
        catalog
            .find(id)
            .filter(found -> !(found.state() instanceof SegmentState.Deleting))
            .orElseThrow(() -> new CatalogException.UnknownSegment(id));
    SegmentMetadata remote = withoutMissingFiles(segment);
    if (!(remote.state() instanceof RemoteOnly remoteOnly)) {
      return remote;
    }
    try {
      place(id, fetch(id, remoteOnly.proof(), source));
      SegmentMetadata restored =
          steps.around(
              DurableStep.RECORD_RESTORE,
              id,
              () -> catalog.transition(id, remoteOnly, remoteOnly.restore(), reason));
      LOG.info(
          "segment_restored segment={} reason=\"{}\" bytes={}", id, reason, segment.sizeBytes());
      return restored;
    } catch (IOException | CatalogException | RuntimeException e) {
      dropPlaced(id, e);
      throw e;
    }
  }

  /**
   * A segment with a proof whose files are gone, by a crash between the delete and its record or by
   * somebody's hand, is one that only the bucket has.
   */
  private SegmentMetadata withoutMissingFiles(SegmentMetadata segment)
      throws IOException, CatalogException {
    SegmentId id = segment.id();
    SegmentState remote;
    if (segment.state() instanceof SegmentState.Archived archived) {
      remote = archived.reclaim();
    } else if (segment.state() instanceof SegmentState.Restored restored) {
      remote = restored.reclaim();
    } else {
      return segment;
    }
    if (copies.exists(id)) {
      return segment;
    }
    LOG.warn(
        "local_files_gone segment={} state={} action=\"none, it is restored from the bucket; find"
            + " out who deletes files in the data directory\"",
        id,
        segment.state().label());
    return steps.around(
        DurableStep.RECORD_RECLAIM,
        id,
        () -> catalog.transition(id, segment.state(), remote, "files found gone"));
  }

  private List<Fetched> fetch(SegmentId id, Receipt receipt, Source source) throws IOException {
    DirectorySegments restored = copies.restored();
    Path directory = restored.directory(id.partition());
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      DirectorySync.force(restored.root());
    }
    List<ArchivedFile> files =
        receipt.files().stream().filter(file -> file.kind() != FileKind.READINDEX).toList();
    space.require(directory, files.stream().mapToLong(ArchivedFile::sizeBytes).sum());
    List<Fetched> fetched = new ArrayList<>();
    try {
      for (ArchivedFile file : files) {
        Path target = directory.resolve(file.kind().fileName(id));
        fetched.add(new Fetched(source.fetch(file, target), target));
      }
      return fetched;
    } catch (IOException | RuntimeException e) {
      discard(fetched, e);
      throw e;
    }
  }

  private void place(SegmentId id, List<Fetched> fetched) throws IOException {
    try {
      for (Fetched file : fetched) {
        steps.around(
            DurableStep.PLACE_RESTORED_FILE,
            id,
            () -> {
              RangedDownloader.place(file.temporary(), file.target());
              return file;
            });
      }
    } catch (IOException | RuntimeException e) {
      discard(fetched, e);
      throw e;
    }
  }

  private static void discard(List<Fetched> fetched, Exception failure) {
    for (Fetched file : fetched) {
      try {
        Files.deleteIfExists(file.temporary());
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private void dropPlaced(SegmentId id, Exception failure) {
    try {
      steps.around(DurableStep.DROP_RESTORED_FILES, id, () -> copies.restored().free(id));
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
