package io.takhin.tiered.verify;

import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes objects again that were found lost or damaged.
 *
 * <p>The bytes come from the first of these that has them as they were proved: the local file; for
 * an index, the read index, which holds a copy of both; for the read index, those two and the log;
 * for an index at last the log, of which it is made anew, and then the bytes may be others.
 */
final class ObjectRepairs {
  private static final Purpose PURPOSE = Purpose.background("repair");
  private static final Set<FileKind> INDEXES = EnumSet.of(FileKind.INDEX, FileKind.TIMEINDEX);

  private final SegmentObjects objects;
  private final TransferEngine engine;
  private final Bytes bytes;
  private final StepObserver steps;

  ObjectRepairs(SegmentObjects objects, TransferEngine engine, Bytes bytes, StepObserver steps) {
    this.objects = objects;
    this.engine = engine;
    this.bytes = bytes;
    this.steps = steps;
  }

  /**
   * Writes what can be written.
   *
   * @return what the objects are now, where that is not what the receipt says
   */
  Optional<List<ArchivedFile>> repair(Look look, Receipt receipt, List<String> how)
      throws IOException, InterruptedException {
    Set<FileKind> bad = look.badObjects();
    for (ArchivedFile file : receipt.files()) {
      if (bad.contains(file.kind()) && isUploaded(look, file)) {
        bad.remove(file.kind());
        how.add(file.kind().extension() + " uploaded again from the local file");
      }
    }
    bad.removeIf(kind -> kind == FileKind.TXNINDEX || kind == FileKind.SNAPSHOT);
    if (bad.isEmpty() || bad.contains(FileKind.LOG)) {
      return Optional.empty(); // Done, or nobody has the log.
    }
    return repairIndexes(look, receipt, bad, how);
  }

  /** Whether the local file was as proved, and now is the object. */
  private boolean isUploaded(Look look, ArchivedFile proved)
      throws IOException, InterruptedException {
    Optional<Path> file =
        look.has(FindingKind.INDEX_INVALID) && INDEXES.contains(proved.kind())
            ? Optional.empty() // As proved, and of no use.
            : look.files().flatMap(files -> files.path(proved.kind()));
    if (file.isEmpty()
        || Files.size(file.get()) != proved.sizeBytes()
        || !bytes.checksum(file.get()).equals(proved.checksum())) {
      return false;
    }
    ObjectProof sent =
        steps.around(
            DurableStep.REPAIR_OBJECT,
            look.segment().id(),
            () -> engine.upload(file.get(), proved.key(), PutOptions.BINARY, PURPOSE));
    return sent.equals(SegmentObjects.proof(proved));
  }

  private Optional<List<ArchivedFile>> repairIndexes(
      Look look, Receipt receipt, Set<FileKind> bad, List<String> how)
      throws IOException, InterruptedException {
    SegmentMetadata segment = look.segment();
    byte[] offsets = proved(look, receipt, FileKind.INDEX, bad);
    byte[] times = proved(look, receipt, FileKind.TIMEINDEX, bad);
    LogScan log = null;
    if (offsets == null || times == null || bad.contains(FileKind.READINDEX)) {
      log = scan(look, receipt);
      if (log == null) {
        return Optional.empty();
      }
    }
    if (offsets == null || times == null) {
      boolean canRebuild =
          log != null && log.problems().isEmpty() && !log.hasOldBatches() && log.batchCount() > 0;
      if (log == null || !canRebuild) {
        return Optional.empty();
      }
      offsets = offsets == null ? log.rebuilt().offsetIndex() : offsets;
      times = times == null ? log.rebuilt().timeIndex() : times;
    }
    Map<FileKind, ByteBuffer> wanted = new EnumMap<>(FileKind.class);
    for (FileKind kind : bad) {
      if (INDEXES.contains(kind)) {
        wanted.put(kind, ByteBuffer.wrap(kind == FileKind.INDEX ? offsets : times));
      }
    }
    boolean hasReadIndex = find(receipt, FileKind.READINDEX).isPresent();
    boolean isAnotherIndex = wanted.entrySet().stream().anyMatch(e -> !isAsProved(receipt, e));
    if (hasReadIndex && (isAnotherIndex || bad.contains(FileKind.READINDEX))) {
      LogScan known = log == null ? scan(look, receipt) : log;
      if (known == null) {
        return Optional.empty();
      }
      wanted.put(
          FileKind.READINDEX,
          ReadIndex.build(offsets, times, receipt.log().sizeBytes(), known::chunkChecksum));
    }
    return put(segment.id(), receipt, wanted, how);
  }

  private Optional<List<ArchivedFile>> put(
      SegmentId id, Receipt receipt, Map<FileKind, ByteBuffer> wanted, List<String> how)
      throws IOException, InterruptedException {
    List<ArchivedFile> now = new ArrayList<>();
    boolean isOther = false;
    for (ArchivedFile file : receipt.files()) {
      ByteBuffer content = wanted.get(file.kind());
      if (content == null) {
        now.add(file);
        continue;
      }
      bytes.pace().requests(1);
      ObjectProof proof =
          steps.around(DurableStep.REPAIR_OBJECT, id, () -> objects.putWhole(file.key(), content));
      ArchivedFile sent =
          new ArchivedFile(file.kind(), proof.key(), proof.sizeBytes(), proof.checksum());
      now.add(sent);
      isOther |= !sent.equals(file);
      how.add(
          file.kind().extension()
              + (sent.equals(file) ? " rebuilt as it was proved" : " rebuilt from the log"));
    }
    return isOther ? Optional.of(now) : Optional.empty();
  }

  private static boolean isAsProved(Receipt receipt, Map.Entry<FileKind, ByteBuffer> content) {
    return find(receipt, content.getKey())
        .map(file -> file.checksum().equals(Crc32c.of(content.getValue())))
        .orElse(false);
  }

  /**
   * An index as it was proved, from the bucket or from the disk; empty if the segment has none of
   * that kind; null if nobody has it.
   */
  private byte @Nullable [] proved(Look look, Receipt receipt, FileKind kind, Set<FileKind> bad)
      throws IOException, InterruptedException {
    Optional<ArchivedFile> named = find(receipt, kind);
    if (named.isEmpty()) {
      return new byte[0];
    }
    ArchivedFile file = named.get();
    if (look.has(FindingKind.INDEX_INVALID) && bad.contains(kind)) {
      return null; // It does not fit the log, so what was proved is of no use.
    }
    if (!bad.contains(kind)) {
      byte[] content = bytes.object(file.key(), file.sizeBytes());
      if (Bytes.checksum(content).equals(file.checksum())) {
        return content;
      }
    }
    Optional<SegmentFiles> local = look.files();
    if (local.isPresent()) {
      byte[] content = bytes.file(local.get(), kind);
      if (Bytes.checksum(content).equals(file.checksum())) {
        return content;
      }
    }
    return bad.contains(FileKind.READINDEX) ? null : ofReadIndex(receipt, file);
  }

  private byte @Nullable [] ofReadIndex(Receipt receipt, ArchivedFile wanted)
      throws IOException, InterruptedException {
    Optional<ArchivedFile> file = find(receipt, FileKind.READINDEX);
    if (file.isEmpty()) {
      return null;
    }
    byte[] content = bytes.object(file.get().key(), file.get().sizeBytes());
    if (!Bytes.checksum(content).equals(file.get().checksum())) {
      return null;
    }
    ReadIndex layout;
    try {
      layout = ContentLook.parse(content);
    } catch (IllegalArgumentException e) {
      return null; // Proved, and none; the index is made from the log.
    }
    byte[] copy =
        wanted.kind() == FileKind.INDEX
            ? ContentLook.offsetIndexOf(layout, content)
            : ContentLook.timeIndexOf(layout, content);
    return Bytes.checksum(copy).equals(wanted.checksum()) ? copy : null;
  }

  /** The log as it was proved, from the disk or the bucket; null if neither has it. */
  private @Nullable LogScan scan(Look look, Receipt receipt)
      throws IOException, InterruptedException {
    SegmentMetadata segment = look.segment();
    ArchivedFile log = receipt.log();
    LogScan scan =
        new LogScan(segment.id().baseOffset(), segment.endOffset(), log.sizeBytes(), List.of());
    if (look.files().isPresent() && !look.isBadFile(FileKind.LOG)) {
      bytes.log(look.files().get().log(), scan);
    } else {
      bytes.log(log.key(), log.sizeBytes(), scan);
    }
    return scan.isComplete() && scan.checksum().equals(log.checksum()) ? scan : null;
  }

  private static Optional<ArchivedFile> find(Receipt receipt, FileKind kind) {
    return receipt.files().stream().filter(file -> file.kind() == kind).findFirst();
  }
}
