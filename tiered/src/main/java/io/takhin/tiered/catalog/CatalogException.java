package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The catalog's refusal or failure, sorted by what the caller does about it. */
public abstract sealed class CatalogException extends Exception {
  private CatalogException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Nothing is known of the segment: it was never registered, or it was forgotten. */
  public static final class UnknownSegment extends CatalogException {
    private final SegmentId id;

    public UnknownSegment(SegmentId id) {
      super("unknown segment: " + id, null);
      this.id = id;
    }

    public SegmentId id() {
      return id;
    }
  }

  /** Somebody else moved the segment first; the caller looks again and decides anew. */
  public static final class Conflict extends CatalogException {
    private final SegmentMetadata current;

    public Conflict(SegmentMetadata current, SegmentState expected, String wanted) {
      super(
          "segment is in another state: segment="
              + current.id()
              + " wanted="
              + wanted
              + " expected="
              + expected
              + " actual="
              + current.state(),
          null);
      this.current = current;
    }

    /** What the catalog held when it refused. */
    public SegmentMetadata current() {
      return current;
    }
  }

  /**
   * The catalog file cannot be opened, read or written: disk full, I/O error, no permission,
   * damage, or it is not a catalog. Nothing of what was asked is visible or durable. The message
   * names the file, the cause and what an operator can do.
   */
  public static final class Unwritable extends CatalogException {
    public Unwritable(Path file, String problem, @Nullable Throwable cause) {
      super("catalog file " + file + ": " + problem, cause);
    }
  }
}
