package io.takhin.tiered.segment;

/** A text that came from outside does not name a segment. The message quotes at most its start. */
public final class InvalidSegmentPathException extends IllegalArgumentException {
  private static final int MAX_QUOTED_CHARS = 120;

  InvalidSegmentPathException(String message) {
    super(message);
  }

  InvalidSegmentPathException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The text between quotes, shortened and without control characters, fit for a log line. */
  static String quote(String text) {
    String start = text.substring(0, Math.min(text.length(), MAX_QUOTED_CHARS));
    String printable = start.replaceAll("\\p{Cntrl}", "?");
    String rest = text.length() > MAX_QUOTED_CHARS ? "… (" + text.length() + " characters)" : "";
    return "'" + printable + rest + "'";
  }
}
