package io.takhin.tiered.archive;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process may write to its prefix.
 *
 * @param writerId of the data directory, made with it; a copy of the directory has the same
 * @param epoch that was taken, counted from 1; 0 before the first was
 * @param sinceMillis when the state became what it is, in milliseconds since the epoch of time
 * @param problem what stopped it and what can be done; null in the other states
 */
public record WriterStatus(
    State state, String writerId, long epoch, long sinceMillis, @Nullable String problem) {
  /** From {@code waiting} to {@code writing}, and from either to {@code stopped}. */
  public enum State {
    /** The store has not answered yet. */
    WAITING,
    /** Nobody took the prefix since this process did. */
    WRITING,
    /** Somebody else has it; ends with a restart or by taking over. */
    STOPPED;

    /** As it is written in metrics and answers. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public boolean isStopped() {
    return state == State.STOPPED;
  }
}
