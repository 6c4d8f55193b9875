package io.takhin.tiered.disk;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how full the disk is, tells how soon it will be full, and decides about writers.
 *
 * <p>{@link #measure} is called on schedule, by one thread at a time. {@link #admit} and {@link
 * #status} may be called by any thread, take no lock and touch no disk: what was admitted since the
 * last measurement is added to it, so a burst of appends between two measurements does not pass the
 * full mark unseen.
 */
public final class DiskWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);

  /** What a writer waits at most for each request; it is reached just below the full mark. */
  static final long LONGEST_DELAY_MILLIS = 1000;

  private final Path directory;
  private final OutageOptions options;
  private final Clock clock;
  private final DiskHistory history = new DiskHistory();
  private final LongAdder admittedBytes = new LongAdder();
  private final MeterRegistry meters;
  private final List<Meter> gauges = new ArrayList<>();
  private final Counter refused;
  private final Counter delayedSeconds;

  /** Written by the thread that measures, read by any. */
  private volatile DiskStatus status;

  /** Of the thread that measures: a failure that lasts is reported once. */
  private boolean unmeasurable;

  /** Measures once, so that there is a status from the beginning. */
  public DiskWatch(Path directory, OutageOptions options, MeterRegistry meters, Clock clock) {
    this.directory = directory;
    this.options = options;
    this.clock = clock;
    this.meters = meters;
    // Should the first measurement fail, nobody is refused for it.
    this.status = DiskStatus.of(options, new DiskUsage(0, Long.MAX_VALUE), 0, clock.millis());
    this.refused =
        Counter.builder("tiered.storage.disk.writes.refused")
            .description("Requests to write that were refused because the disk is full")
            .register(meters);
    this.delayedSeconds =
        Counter.builder("tiered.storage.disk.writes.delayed.seconds")
            .description("How long writers were kept waiting because the disk fills")
            .register(meters);
    measure();
    registerGauges();
  }

  private void registerGauges() {
    gauges.add(
        Gauge.builder("tiered.storage.disk.used.ratio", () -> status.usage().usedRatio())
            .description("Share of the data directory's file system that is used, 0 to 1")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.disk.total.bytes", () -> status.usage().totalBytes())
            .description("Size of the data directory's file system")
            .baseUnit("bytes")
            .register(meters));
    gauges.add(
        Gauge.builder("tiered.storage.disk.level", () -> status.level().rank())
            .description("Mark the use has reached: 0 none, 1 low, 2 high, 3 full")
            .register(meters));
    gauges.add(
        Gauge.builder(
                "tiered.storage.disk.time.to.full.seconds",
                () ->
                    status.secondsToFull().isPresent()
                        ? (double) status.secondsToFull().getAsLong()
                        : Double.POSITIVE_INFINITY)
            .description("Time to the full mark at the present growth; infinite while none")
            .register(meters));
  }

  /**
   * Measures the disk now. A measurement that fails is reported and leaves the status as it is.
   *
   * @return the status after it
   */
  public DiskStatus measure() {
    long countedBytes = admittedBytes.sum();
    DiskUsage usage;
    try {
      usage = options.space().measure(existing(directory));
    } catch (IOException e) {
      if (!unmeasurable) {
        LOG.warn(
            "disk_not_measured directory={} problem=\"{}\" action=\"check the file system; until it"
                + " answers the last figures count\"",
            directory,
            e.toString());
      }
      unmeasurable = true;
      return status;
    }
    unmeasurable = false;
    // What is admitted from here on may not be in the measurement, and stays counted.
    admittedBytes.add(-countedBytes);
    long nowMillis = clock.millis();
    history.add(nowMillis, usage.usedBytes());
    DiskStatus before = status;
    DiskStatus now = DiskStatus.of(options, usage, history.growthBytesPerSecond(), nowMillis);
    status = now;
    if (now.level() != before.level()) {
      report(before.level(), now);
    }
    return now;
  }

  /**
   * The directory may be made later; until then its parent's file system is the one it will use.
   */
  private static Path existing(Path directory) {
    Path at = directory.toAbsolutePath();
    while (!Files.isDirectory(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }

  private void report(DiskLevel before, DiskStatus now) {
    boolean better = now.level().compareTo(before) < 0;
    String action = better ? "none" : action(now);
    String words =
        "disk_level was={} is={} used_percent={} total_bytes={} seconds_to_full={} policy={}"
            + " action=\"{}\"";
    LOG.atLevel(better ? org.slf4j.event.Level.INFO : org.slf4j.event.Level.WARN)
        .log(
            words,
            before,
            now.level(),
            percent(now.usage()),
            now.usage().totalBytes(),
            now.secondsToFull().isPresent() ? now.secondsToFull().getAsLong() : "never",
            now.policy(),
            action);
  }

  private static String action(DiskStatus now) {
    return switch (now.level()) {
      case NORMAL -> "none";
      case LOW -> "none, segments are archived ahead of their age";
      case HIGH ->
          now.policy() == OutagePolicy.BACKPRESSURE
              ? "writers are slowed; make room, or bring the object store back"
              : "make room, or bring the object store back";
      case FULL ->
          now.policy() == OutagePolicy.SHED
              ? "the oldest data is dropped if the object store does not take it; make room"
              : "writes are refused and reads go on; make room, or bring the object store back";
    };
  }

  private static String percent(DiskUsage usage) {
    return String.format(Locale.ROOT, "%.1f", usage.usedRatio() * 100);
  }

  /** The latest measurement. */
  public DiskStatus status() {
    return status;
  }

  /** Says whether so many bytes may be written, and counts them if they may. */
  public Admission admit(long bytes) {
    DiskStatus measured = status;
    DiskUsage usage = measured.usage().plus(Math.max(0, admittedBytes.sum()));
    DiskLevel level = measured.marks().level(usage);
    if (level == DiskLevel.FULL) {
      refused.increment();
      return new Admission(refusal(usage), 0);
    }
    admittedBytes.add(bytes);
    long delayMillis = delayMillis(level, usage);
    if (delayMillis == 0) {
      return Admission.FREE;
    }
    delayedSeconds.increment(delayMillis / 1000.0);
    return new Admission(null, delayMillis);
  }

  private String refusal(DiskUsage usage) {
    return "the disk is "
        + percent(usage)
        + "% full, at or above storage.tiered.disk.full.percent "
        + options.marks().fullPercent()
        + "; try again later";
  }

  /** Grows with the way from the high mark to the full one. */
  private long delayMillis(DiskLevel level, DiskUsage usage) {
    if (options.policy() != OutagePolicy.BACKPRESSURE || level != DiskLevel.HIGH) {
      return 0;
    }
    long highBytes = options.marks().highBytes(usage.totalBytes());
    long fullBytes = options.marks().fullBytes(usage.totalBytes());
    double way = (double) (usage.usedBytes() - highBytes) / (fullBytes - highBytes);
    return Math.max(1, Math.round(way * LONGEST_DELAY_MILLIS));
  }

  /** Takes its gauges out of the registry. */
  @Override
  public void close() {
    gauges.forEach(meters::remove);
  }
}
