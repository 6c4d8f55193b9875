package io.takhin.console.health;

import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.archive.WriterStatus;
import java.time.Instant;

/**
 * Whether this process may archive. If another has its prefix, it is degraded and not out of
 * service, because everything can be read.
 */
public final class WriterHealthCheck implements HealthCheck {
  private final TieredStorageManager tiered;

  public WriterHealthCheck(TieredStorageManager tiered) {
    this.tiered = tiered;
  }

  @Override
  public String name() {
    return "writer";
  }

  @Override
  public Result check() {
    WriterStatus status = tiered.writer().status();
    return switch (status.state()) {
      case WAITING -> Result.up("waits for the object store's first answer");
      case WRITING ->
          Result.up(
              "writes as epoch "
                  + status.epoch()
                  + " since "
                  + Instant.ofEpochMilli(status.sinceMillis()));
      case STOPPED -> Result.degraded("archiving stopped: " + status.problem());
    };
  }
}
