package io.takhin.tiered.verify;

import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Level 2 in the bucket: reads the objects that level 1 found nothing against, compares their bytes
 * with the receipt, and the log, its indexes and its chunks' checksums with each other.
 */
final class ContentLook {
  private final Bytes bytes;

  ContentLook(Bytes bytes) {
    this.bytes = bytes;
  }

  void look(Look look, Receipt receipt) throws IOException, InterruptedException {
    Map<FileKind, byte[]> small = new EnumMap<>(FileKind.class);
    for (ArchivedFile file : receipt.files()) {
      if (file.kind() != FileKind.LOG && !look.isBadObject(file.kind())) {
        readSmall(look, file, small);
      }
    }
    ReadIndex layout = layout(look, receipt, small);
    ArchivedFile log = receipt.log();
    if (look.isBadObject(FileKind.LOG)) {
      return;
    }
    SegmentMetadata segment = look.segment();
    long baseOffset = segment.id().baseOffset();
    List<IndexCheck> checks =
        Bytes.checks(
            small.getOrDefault(FileKind.INDEX, new byte[0]),
            small.getOrDefault(FileKind.TIMEINDEX, new byte[0]),
            baseOffset);
    LogScan scan = new LogScan(baseOffset, segment.endOffset(), log.sizeBytes(), checks);
    byte[] readIndex = small.get(FileKind.READINDEX);
    try {
      bytes.log(log.key(), log.sizeBytes(), scan);
    } catch (StoreException.Corrupt | StoreException.NotFound e) {
      look.badObject(
          FindingKind.OBJECT_CONTENT,
          FileKind.LOG,
          log.key(),
          log.sizeBytes() + " bytes",
          String.valueOf(e.getMessage()));
      return;
    }
    if (!scan.checksum().equals(log.checksum())) {
      look.badObject(
          FindingKind.OBJECT_CONTENT,
          FileKind.LOG,
          log.key(),
          log.checksum(),
          scan.checksum() + firstBadChunk(layout, readIndex, scan));
      return;
    }
    compare(look, receipt, scan, checks);
    String badChunk = firstBadChunk(layout, readIndex, scan);
    if (!badChunk.isEmpty()) {
      look.badObject(
          FindingKind.INDEX_INVALID,
          FileKind.READINDEX,
          key(receipt, FileKind.READINDEX),
          "the checksums of the log's chunks",
          "another" + badChunk);
    }
  }

  private void readSmall(Look look, ArchivedFile file, Map<FileKind, byte[]> small)
      throws IOException, InterruptedException {
    try {
      Crc32c found;
      if (file.sizeBytes() > Bytes.MAX_WHOLE_BYTES) {
        found = bytes.checksum(file.key(), file.sizeBytes());
      } else {
        byte[] content = bytes.object(file.key(), file.sizeBytes());
        found = Bytes.checksum(content);
        if (found.equals(file.checksum())) {
          small.put(file.kind(), content);
        }
      }
      if (!found.equals(file.checksum())) {
        look.badObject(FindingKind.OBJECT_CONTENT, file.kind(), file.key(), file.checksum(), found);
      }
    } catch (StoreException.Corrupt | StoreException.NotFound e) {
      look.badObject(
          FindingKind.OBJECT_CONTENT,
          file.kind(),
          file.key(),
          file.sizeBytes() + " bytes",
          String.valueOf(e.getMessage()));
    }
  }

  /** Null if there is no read index, or one that is damaged. */
  private static @Nullable ReadIndex layout(
      Look look, Receipt receipt, Map<FileKind, byte[]> small) {
    byte[] content = small.get(FileKind.READINDEX);
    if (content == null) {
      return null;
    }
    try {
      ReadIndex layout = parse(content);
      String problem = difference(layout, receipt, content, small);
      if (problem.isEmpty()) {
        return layout;
      }
      invalid(look, receipt, problem);
    } catch (IllegalArgumentException e) {
      invalid(look, receipt, String.valueOf(e.getMessage()));
    }
    return null;
  }

  private static void invalid(Look look, Receipt receipt, String problem) {
    look.badObject(
        FindingKind.INDEX_INVALID,
        FileKind.READINDEX,
        key(receipt, FileKind.READINDEX),
        "a read index of the segment's log and indexes",
        problem);
  }

  /**
   * @throws IllegalArgumentException if it is no read index of that size
   */
  static ReadIndex parse(byte[] content) {
    if (content.length < ReadIndex.HEADER_BYTES) {
      throw new IllegalArgumentException("shorter than a header: " + content.length);
    }
    ReadIndex layout = ReadIndex.parse(ByteBuffer.wrap(content));
    if (layout.totalBytes() != content.length) {
      throw new IllegalArgumentException(
          "size: expected " + layout.totalBytes() + ", got " + content.length);
    }
    return layout;
  }

  static byte[] offsetIndexOf(ReadIndex layout, byte[] content) {
    return Arrays.copyOfRange(
        content, layout.offsetIndexAt(), layout.offsetIndexAt() + layout.offsetIndexBytes());
  }

  static byte[] timeIndexOf(ReadIndex layout, byte[] content) {
    return Arrays.copyOfRange(
        content, layout.timeIndexAt(), layout.timeIndexAt() + layout.timeIndexBytes());
  }

  private static String difference(
      ReadIndex layout, Receipt receipt, byte[] content, Map<FileKind, byte[]> small) {
    if (layout.logBytes() != receipt.log().sizeBytes()) {
      return "log bytes: " + layout.logBytes();
    }
    byte[] offsets = small.get(FileKind.INDEX);
    if (offsets != null && !Arrays.equals(offsets, offsetIndexOf(layout, content))) {
      return "another offset index";
    }
    byte[] times = small.get(FileKind.TIMEINDEX);
    return times != null && !Arrays.equals(times, timeIndexOf(layout, content))
        ? "another time index"
        : "";
  }

  private static String firstBadChunk(
      @Nullable ReadIndex layout, byte @Nullable [] content, LogScan scan) {
    if (layout == null || content == null) {
      return "";
    }
    ByteBuffer checksums = ByteBuffer.wrap(content);
    for (int chunk = 0; chunk < layout.chunkCount(); chunk++) {
      int expected = checksums.getInt(layout.checksumsAt() + chunk * Integer.BYTES);
      if (expected != scan.chunkChecksum(chunk)) {
        return ", first at chunk " + chunk + " of " + layout.chunkCount();
      }
    }
    return "";
  }

  private static void compare(Look look, Receipt receipt, LogScan scan, List<IndexCheck> checks) {
    if (!scan.problems().isEmpty()) {
      look.suspect(
          FindingKind.LOG_INVALID,
          FileKind.LOG,
          receipt.log().key(),
          "batches that are whole and in order",
          scan.problems());
      return; // Whether an index fits such a log cannot be told.
    }
    compare(look, receipt, FileKind.INDEX, checks.get(0));
    compare(look, receipt, FileKind.TIMEINDEX, checks.get(1));
  }

  private static void compare(Look look, Receipt receipt, FileKind kind, IndexCheck check) {
    String problem = check.problem();
    if (problem != null && !look.isBadObject(kind)) {
      look.badObject(
          FindingKind.INDEX_INVALID, kind, key(receipt, kind), "an index of the log", problem);
    }
  }

  private static String key(Receipt receipt, FileKind kind) {
    return receipt.files().stream()
        .filter(file -> file.kind() == kind)
        .map(file -> file.key().value())
        .findFirst()
        .orElse("");
  }
}
