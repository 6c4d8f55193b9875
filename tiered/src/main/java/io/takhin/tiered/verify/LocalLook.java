package io.takhin.tiered.verify;

import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Looks at the files on this disk, under a reader's lease so that nobody frees them meanwhile.
 *
 * <p>A log that is proved has to have the proved checksum. Its indexes need not: a broker that was
 * stopped uncleanly makes its own anew with other bytes, so those that differ are compared with the
 * log instead. The broker's transaction index and producer snapshot are its own affair; of restored
 * files, which nobody changes, all are compared.
 */
final class LocalLook {
  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final Bytes bytes;

  LocalLook(SegmentCatalog catalog, LocalCopies copies, Bytes bytes) {
    this.catalog = catalog;
    this.copies = copies;
    this.bytes = bytes;
  }

  void look(Look look, Level level) throws IOException, InterruptedException {
    SegmentMetadata segment = look.segment();
    Optional<SegmentLeases.Lease> lease = catalog.leases().read(segment.id());
    if (lease.isEmpty()) {
      look.moved(); // Its files are being freed.
      return;
    }
    try (SegmentLeases.Lease held = lease.get()) {
      boolean isSame =
          catalog.find(held.id()).map(now -> now.state().equals(segment.state())).orElse(false);
      if (!isSame) {
        look.moved();
        return;
      }
      lookAt(look, level);
    }
  }

  private void lookAt(Look look, Level level) throws IOException, InterruptedException {
    SegmentMetadata segment = look.segment();
    SegmentFiles files;
    try {
      files = copies.locate(segment.id());
    } catch (NoSuchFileException e) {
      look.badFile(
          FindingKind.LOCAL_MISSING,
          FileKind.LOG,
          String.valueOf(e.getFile()),
          segment.sizeBytes() + " bytes",
          "nothing");
      return;
    }
    look.found(files);
    Optional<Receipt> receipt = segment.state().receipt();
    long expectedBytes = receipt.map(proof -> proof.log().sizeBytes()).orElse(segment.sizeBytes());
    try {
      long sizeBytes = Files.size(files.log());
      if (sizeBytes != expectedBytes) {
        look.badFile(FindingKind.LOCAL_SIZE, FileKind.LOG, files.log(), expectedBytes, sizeBytes);
      } else if (receipt.isPresent() || level.includes(Level.CONTENT)) {
        lookInside(look, files, receipt, expectedBytes, level);
      }
    } catch (NoSuchFileException e) {
      look.moved(); // Deleted by the log since it was found.
    } catch (IOException e) {
      look.badFile(
          FindingKind.UNREADABLE, FileKind.LOG, files.log(), "readable files", e.toString());
    }
  }

  private void lookInside(
      Look look, SegmentFiles files, Optional<Receipt> receipt, long logBytes, Level level)
      throws IOException, InterruptedException {
    SegmentMetadata segment = look.segment();
    long baseOffset = segment.id().baseOffset();
    byte[] offsets = bytes.file(files, FileKind.INDEX);
    byte[] times = bytes.file(files, FileKind.TIMEINDEX);
    List<IndexCheck> checks = Bytes.checks(offsets, times, baseOffset);
    LogScan scan =
        bytes.log(files.log(), new LogScan(baseOffset, segment.endOffset(), logBytes, checks));
    if (!scan.isComplete()) {
      look.moved();
      return;
    }
    if (receipt.isPresent() && !scan.checksum().equals(receipt.get().log().checksum())) {
      look.badFile(
          FindingKind.LOCAL_CONTENT,
          FileKind.LOG,
          files.log(),
          receipt.get().log().checksum(),
          scan.checksum());
    } else if (level.includes(Level.CONTENT) && !scan.problems().isEmpty()) {
      look.badFile(
          FindingKind.LOCAL_LOG_INVALID,
          FileKind.LOG,
          files.log(),
          "batches that are whole and in order",
          scan.problems());
    }
    // Whether an index fits a damaged log cannot be told.
    boolean isLogSound = scan.problems().isEmpty() && !look.isBadFile(FileKind.LOG);
    index(look, files, FileKind.INDEX, checks.get(0), isLogSound, offsets);
    index(look, files, FileKind.TIMEINDEX, checks.get(1), isLogSound, times);
    if (segment.state() instanceof SegmentState.Restored) {
      restoredSiblings(look, files, receipt.orElseThrow());
    }
  }

  private static void index(
      Look look,
      SegmentFiles files,
      FileKind kind,
      IndexCheck check,
      boolean isLogSound,
      byte[] content) {
    Optional<ArchivedFile> proved = proved(look, kind);
    Optional<Path> file = files.path(kind);
    FileKind other = kind == FileKind.INDEX ? FileKind.TIMEINDEX : FileKind.INDEX;
    if (file.isEmpty()) {
      if (proved.isPresent() || files.path(other).isPresent()) {
        look.badFile(
            FindingKind.LOCAL_INDEX_INVALID, kind, sibling(files, kind), "an index", "nothing");
      }
      return;
    }
    boolean isAsProved =
        proved.map(archived -> archived.checksum().equals(Bytes.checksum(content))).orElse(false);
    String problem = check.problem();
    if (!isAsProved && isLogSound && problem != null) {
      look.badFile(
          FindingKind.LOCAL_INDEX_INVALID, kind, file.get(), "an index of the log", problem);
    }
  }

  private void restoredSiblings(Look look, SegmentFiles files, Receipt receipt)
      throws IOException, InterruptedException {
    for (ArchivedFile proved : receipt.files()) {
      if (proved.kind() == FileKind.TXNINDEX || proved.kind() == FileKind.SNAPSHOT) {
        Optional<Path> file = files.path(proved.kind());
        if (file.isEmpty()) {
          look.badFile(
              FindingKind.LOCAL_MISSING,
              proved.kind(),
              sibling(files, proved.kind()),
              proved.sizeBytes() + " bytes",
              "nothing");
        } else {
          Crc32c found = bytes.checksum(file.get());
          if (!found.equals(proved.checksum())) {
            look.badFile(
                FindingKind.LOCAL_CONTENT, proved.kind(), file.get(), proved.checksum(), found);
          }
        }
      }
    }
  }

  private static Optional<ArchivedFile> proved(Look look, FileKind kind) {
    return look.segment().state().receipt().stream()
        .flatMap(receipt -> receipt.files().stream())
        .filter(file -> file.kind() == kind)
        .findFirst();
  }

  /** Where a file of the segment lies, or would lie. */
  static Path sibling(SegmentFiles files, FileKind kind) {
    return files.log().resolveSibling(kind.fileName(files.id()));
  }
}
