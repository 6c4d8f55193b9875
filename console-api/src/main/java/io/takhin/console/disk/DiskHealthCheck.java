package io.takhin.console.disk;

import io.takhin.console.health.HealthCheck;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.disk.DiskLevel;
import io.takhin.tiered.disk.DiskStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Whether the disk has room, and whether data was given up for want of it within the last day.
 * Either degrades the process and does not take it out of service, because reads go on.
 */
public final class DiskHealthCheck implements HealthCheck {
  private static final Duration RECENT = Duration.ofHours(24);

  private final TieredStorageManager tiered;
  private final Clock clock;

  public DiskHealthCheck(TieredStorageManager tiered, Clock clock) {
    this.tiered = tiered;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public Result check() {
    DiskStatus status = tiered.disk().status();
    List<Gap> gaps = tiered.gaps().all();
    String detail = use(status) + gaps(gaps);
    long recently = clock.millis() - RECENT.toMillis();
    boolean lostRecently = gaps.stream().anyMatch(gap -> gap.droppedAtMillis() >= recently);
    return lostRecently || status.level().compareTo(DiskLevel.HIGH) >= 0
        ? Result.degraded(detail)
        : Result.up(detail);
  }

  private static String use(DiskStatus status) {
    String use =
        String.format(
            Locale.ROOT,
            "%.1f%% used, policy %s",
            status.usage().usedRatio() * 100,
            status.policy().name().toLowerCase(Locale.ROOT));
    return status.secondsToFull().isPresent()
        ? use + ", full in " + Duration.ofSeconds(status.secondsToFull().getAsLong())
        : use;
  }

  private static String gaps(List<Gap> gaps) {
    return gaps.isEmpty()
        ? ""
        : "; given up for want of room: "
            + gaps.size()
            + " ranges of offsets, "
            + gaps.stream().mapToLong(Gap::bytes).sum()
            + " bytes, see /api/v1/tiered/gaps";
  }
}
