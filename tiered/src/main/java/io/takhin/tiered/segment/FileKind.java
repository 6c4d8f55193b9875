package io.takhin.tiered.segment;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The files that make up one segment, in the order in which they are uploaded: the log goes last,
 * so that a log in the bucket always finds its siblings there. Only the read index goes after it,
 * for it is made of what is seen of the log on its way.
 */
public enum FileKind {
  /** Offset index: relative offset → position in the log. */
  INDEX("index"),
  /** Time index: timestamp → relative offset. */
  TIMEINDEX("timeindex"),
  /** Aborted transactions that touch the segment; absent when there are none. */
  TXNINDEX("txnindex"),
  /** Producer state at the base offset; absent when the broker kept none. */
  SNAPSHOT("snapshot"),
  /**
   * What a reader of the bucket needs first, in one object, see {@link ReadIndex}. Made from the
   * others for the upload and only in the bucket; absent in segments archived by earlier releases.
   */
  READINDEX("readindex"),
  /** The records. Every segment has one. */
  LOG("log");

  private static final List<FileKind> LOCAL =
      Arrays.stream(values()).filter(kind -> kind != READINDEX).toList();

  private final String extension;

  FileKind(String extension) {
    this.extension = extension;
  }

  /** Those that a broker keeps on its disk, in the same order. */
  public static List<FileKind> local() {
    return LOCAL;
  }

  /** The file name's ending without the dot. */
  public String extension() {
    return extension;
  }

  /** The file's name, {@code <20-digit base offset>.<extension>}. */
  public String fileName(SegmentId id) {
    return id.fileStem() + "." + extension;
  }

  public static Optional<FileKind> ofExtension(String extension) {
    for (FileKind kind : values()) {
      if (kind.extension.equals(extension)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
