package io.takhin.tiered.transfer;

/**
 * Why something is transferred.
 *
 * @param reason for people, such as {@code fetch} or {@code policy: cold}
 */
public record Purpose(String reason, Priority priority) {
  /** What waits for what. */
  public enum Priority {
    /** Somebody waits for it. */
    FOREGROUND,
    /** Nobody waits; it yields to what is in the foreground, but never stands still. */
    BACKGROUND
  }

  public static Purpose foreground(String reason) {
    return new Purpose(reason, Priority.FOREGROUND);
  }

  public static Purpose background(String reason) {
    return new Purpose(reason, Priority.BACKGROUND);
  }
}
