package io.takhin.tiered.verify;

import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.RangedDownloader;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces local files that were found lost or damaged: by the object, if that is as it was proved;
 * an index of a log that nothing proves yet is made anew from the log.
 *
 * <p>A file is written under another name, forced to disk and renamed, while no reader holds the
 * segment. Whoever opened the old file by other means goes on to see that one.
 */
final class LocalRepairs {
  private static final Purpose PURPOSE = Purpose.background("repair");
  private static final Set<FileKind> INDEXES = EnumSet.of(FileKind.INDEX, FileKind.TIMEINDEX);

  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final TransferEngine engine;
  private final Bytes bytes;
  private final StepObserver steps;

  LocalRepairs(
      SegmentCatalog catalog,
      LocalCopies copies,
      TransferEngine engine,
      Bytes bytes,
      StepObserver steps) {
    this.catalog = catalog;
    this.copies = copies;
    this.engine = engine;
    this.bytes = bytes;
    this.steps = steps;
  }

  /**
   * Replaces what can be replaced.
   *
   * @throws SegmentBusyException if somebody reads the segment
   */
  void repair(Look look, List<String> how)
      throws IOException, CatalogException, SegmentBusyException, InterruptedException {
    SegmentId id = look.segment().id();
    try (SegmentLeases.Lease lease =
        catalog
            .leases()
            .reclaim(id)
            .orElseThrow(() -> new SegmentBusyException(id, "a reader holds it"))) {
      if (look.files().isEmpty()) {
        recordFreed(lease.id(), look, how);
      } else {
        replace(look, look.files().get(), how);
      }
    }
  }

  /** Its log is not here: then only the bucket has it, which is what the catalog is told. */
  private void recordFreed(SegmentId id, Look look, List<String> how) throws CatalogException {
    SegmentState state = look.segment().state();
    Optional<SegmentState> remote = Optional.empty();
    if (state instanceof SegmentState.Archived archived) {
      remote = Optional.of(archived.reclaim());
    } else if (state instanceof SegmentState.Restored restored) {
      remote = Optional.of(restored.reclaim());
    }
    if (remote.isPresent() && look.badObjects().isEmpty()) {
      SegmentState to = remote.get();
      SegmentMetadata unused =
          steps.around(
              DurableStep.RECORD_RECLAIM,
              id,
              () -> catalog.transition(id, state, to, "files found gone by a verification"));
      how.add("catalog told that only the bucket has it");
    }
  }

  private void replace(Look look, SegmentFiles files, List<String> how)
      throws IOException, InterruptedException {
    for (FileKind kind : look.badFiles()) {
      Optional<ArchivedFile> proved =
          look.segment().state().receipt().stream()
              .flatMap(receipt -> receipt.files().stream())
              .filter(file -> file.kind() == kind && !look.isBadObject(kind))
              .findFirst();
      if (proved.isPresent()) {
        fetch(look.segment().id(), proved.get(), LocalLook.sibling(files, kind));
        how.add("local " + kind.extension() + " replaced by the object");
      } else if (INDEXES.contains(kind) && !look.isBadFile(FileKind.LOG)) {
        rebuild(look, files, kind, how);
      }
    }
  }

  private void fetch(SegmentId id, ArchivedFile proved, Path target) throws IOException {
    Path fetched = engine.fetch(SegmentObjects.proof(proved), staged(id, target), PURPOSE);
    place(id, fetched, target);
  }

  /**
   * Beside which name the new file is written: among the restored segments, where the next start
   * removes what a crash leaves, or beside the old one, if a rename cannot reach it from there.
   */
  private Path staged(SegmentId id, Path target) throws IOException {
    Path directory = copies.restored().directory(id.partition());
    Files.createDirectories(directory);
    Path parent = target.toAbsolutePath().getParent();
    boolean isReachable =
        parent != null && Files.getFileStore(directory).equals(Files.getFileStore(parent));
    return isReachable ? directory.resolve(String.valueOf(target.getFileName())) : target;
  }

  private void place(SegmentId id, Path temporary, Path target) throws IOException {
    try {
      steps.around(
          DurableStep.REPAIR_LOCAL_FILE,
          id,
          () -> {
            RangedDownloader.place(temporary, target);
            return target;
          });
    } catch (IOException | RuntimeException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private void rebuild(Look look, SegmentFiles files, FileKind kind, List<String> how)
      throws IOException, InterruptedException {
    SegmentMetadata segment = look.segment();
    LogScan scan =
        bytes.log(
            files.log(),
            new LogScan(
                segment.id().baseOffset(), segment.endOffset(), segment.sizeBytes(), List.of()));
    boolean canRebuild =
        scan.isComplete()
            && scan.problems().isEmpty()
            && !scan.hasOldBatches()
            && scan.batchCount() > 0;
    if (!canRebuild) {
      return;
    }
    byte[] content =
        kind == FileKind.INDEX ? scan.rebuilt().offsetIndex() : scan.rebuilt().timeIndex();
    Path target = LocalLook.sibling(files, kind);
    Path temporary = RangedDownloader.temporary(staged(segment.id(), target));
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
    place(segment.id(), temporary, target);
    how.add("local " + kind.extension() + " rebuilt from the log");
  }
}
