package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The proof that a segment is in the bucket: written only after the store confirmed size and
 * checksum of every file and the manifest stands. An immutable value.
 *
 * <p>A million receipts are held in memory, and every key in one follows from the folder and the
 * base offset, so the receipt keeps those two and per file its kind, size and checksum; the keys
 * are put together when asked for. It therefore takes only keys of the layout: {@code
 * <folder>/<20-digit base offset>.manifest.json} and beside it {@code <base offset>.<extension>}.
 */
public final class Receipt {
  private static final String MANIFEST_ENDING = ".manifest.json";
  private static final int OFFSET_DIGITS = 20;
  private static final int LONGS_PER_FILE = 2;

  /** Bounded by the few orders of the few kinds. */
  private static final ConcurrentMap<List<FileKind>, List<FileKind>> KNOWN_KINDS =
      new ConcurrentHashMap<>();

  /** Up to and with the last slash; interned, so one text for the receipts of a partition. */
  private final String folder;

  /** In upload order; one list for all receipts that have the same. */
  private final List<FileKind> kinds;

  private final long baseOffset;
  private final long committedAtMillis;

  /** Two longs per file, in upload order: size, checksum. */
  private final long[] packed;

  /**
   * @param manifest key of the manifest; the files lie beside it
   * @param files what was proved, in upload order; the log is the last
   * @param committedAtMillis when the manifest was written, in milliseconds since the epoch
   * @throws IllegalArgumentException if a key has another layout or the log is not the last file
   */
  public Receipt(ObjectKey manifest, List<ArchivedFile> files, long committedAtMillis) {
    this(
        manifest.value(),
        files.stream().map(ArchivedFile::kind).toList(),
        pack(files),
        committedAtMillis);
    for (ArchivedFile file : files) {
      if (!file.key().equals(fileKey(file.kind()))) {
        throw new IllegalArgumentException(
            "file is not beside its manifest: manifest="
                + manifest
                + " expected="
                + fileKey(file.kind())
                + " got="
                + file.key());
      }
    }
  }

  /**
   * A receipt from its parts, as the catalog file keeps them.
   *
   * @param manifestKey a valid object key
   * @param packed size and checksum of each file, in the order of the kinds; not copied
   */
  Receipt(String manifestKey, List<FileKind> kinds, long[] packed, long committedAtMillis) {
    if (kinds.isEmpty() || kinds.get(kinds.size() - 1) != FileKind.LOG) {
      throw new IllegalArgumentException(
          "receipt without a log as its last file: manifest=" + manifestKey + " files=" + kinds);
    }
    int nameStart = manifestKey.lastIndexOf('/') + 1;
    this.folder = manifestKey.substring(0, nameStart).intern();
    this.baseOffset = baseOffset(manifestKey, nameStart);
    this.kinds = KNOWN_KINDS.computeIfAbsent(kinds, List::copyOf);
    this.packed = packed;
    this.committedAtMillis = committedAtMillis;
  }

  private static long[] pack(List<ArchivedFile> files) {
    long[] packed = new long[files.size() * LONGS_PER_FILE];
    for (int i = 0; i < files.size(); i++) {
      packed[i * LONGS_PER_FILE] = files.get(i).sizeBytes();
      packed[i * LONGS_PER_FILE + 1] = files.get(i).checksum().value();
    }
    return packed;
  }

  public ObjectKey manifest() {
    return new ObjectKey(manifestKey());
  }

  String manifestKey() {
    return stem() + MANIFEST_ENDING;
  }

  List<FileKind> kinds() {
    return kinds;
  }

  long sizeBytes(int index) {
    return packed[index * LONGS_PER_FILE];
  }

  Crc32c checksum(int index) {
    return new Crc32c((int) packed[index * LONGS_PER_FILE + 1]);
  }

  /** What was proved, in upload order; the log is the last. */
  public List<ArchivedFile> files() {
    List<ArchivedFile> files = new ArrayList<>(kinds.size());
    for (int i = 0; i < kinds.size(); i++) {
      files.add(file(i));
    }
    return Collections.unmodifiableList(files);
  }

  /** When the manifest was written, in milliseconds since the epoch. */
  public long committedAtMillis() {
    return committedAtMillis;
  }

  public ArchivedFile log() {
    return file(kinds.size() - 1);
  }

  /** Bytes of all files together. */
  public long totalBytes() {
    long total = 0;
    for (int at = 0; at < packed.length; at += LONGS_PER_FILE) {
      total += packed[at];
    }
    return total;
  }

  private ArchivedFile file(int index) {
    FileKind kind = kinds.get(index);
    return new ArchivedFile(kind, fileKey(kind), sizeBytes(index), checksum(index));
  }

  private ObjectKey fileKey(FileKind kind) {
    return new ObjectKey(stem() + "." + kind.extension());
  }

  private String stem() {
    String digits = Long.toString(baseOffset);
    return folder + "0".repeat(OFFSET_DIGITS - digits.length()) + digits;
  }

  private static long baseOffset(String key, int nameStart) {
    int digitsEnd = nameStart + OFFSET_DIGITS;
    boolean wellFormed =
        key.length() == digitsEnd + MANIFEST_ENDING.length()
            && key.endsWith(MANIFEST_ENDING)
            && key.charAt(nameStart) == '0'; // Long.MAX_VALUE has 19 digits.
    for (int at = nameStart; wellFormed && at < digitsEnd; at++) {
      wellFormed = key.charAt(at) >= '0' && key.charAt(at) <= '9';
    }
    if (!wellFormed) {
      throw new IllegalArgumentException(
          "invalid manifest key: expected <folder>/<20 digits>.manifest.json, got '" + key + "'");
    }
    return Long.parseLong(key, nameStart, digitsEnd, 10);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Receipt that
        && baseOffset == that.baseOffset
        && committedAtMillis == that.committedAtMillis
        && folder.equals(that.folder)
        && kinds.equals(that.kinds)
        && Arrays.equals(packed, that.packed);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Long.hashCode(baseOffset) + folder.hashCode()) + Arrays.hashCode(packed);
  }

  @Override
  public String toString() {
    return "Receipt[manifest="
        + stem()
        + MANIFEST_ENDING
        + ", files="
        + kinds.size()
        + ", totalBytes="
        + totalBytes()
        + ", committedAtMillis="
        + committedAtMillis
        + "]";
  }

  /**
   * One object of the segment.
   *
   * @param checksum over the whole object, computed while the local file was read
   */
  public record ArchivedFile(FileKind kind, ObjectKey key, long sizeBytes, Crc32c checksum) {}
}
