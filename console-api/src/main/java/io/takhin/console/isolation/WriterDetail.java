package io.takhin.console.isolation;

import io.takhin.tiered.archive.WriterStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process may write to its prefix, in a REST answer.
 *
 * @param state waiting, writing or stopped
 * @param epoch 0 before the first was taken
 * @param problem why it stopped and what can be done; null in the other states
 */
public record WriterDetail(
    String state, String writerId, long epoch, Instant since, @Nullable String problem) {
  public static WriterDetail of(WriterStatus status) {
    return new WriterDetail(
        status.state().label(),
        status.writerId(),
        status.epoch(),
        Instant.ofEpochMilli(status.sinceMillis()),
        status.problem());
  }
}
