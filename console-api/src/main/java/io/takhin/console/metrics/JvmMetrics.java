package io.takhin.console.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.List;

/**
 * The few measures of the process that tell whether it is in trouble: heap, collections, threads,
 * processor, file descriptors, uptime. An embedder who shows the JVM's own metrics already keeps
 * theirs. Created and closed by one thread.
 */
public final class JvmMetrics implements AutoCloseable {
  private static final List<String> PREFIXES = List.of("jvm.", "process.", "system.");

  private final MeterRegistry meters;
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final boolean own;

  public JvmMetrics(MeterRegistry meters) {
    this.meters = meters;
    this.own = meters.find("jvm.memory.used").meter() == null;
    if (own) {
      collections.bindTo(meters);
      new JvmMemoryMetrics().bindTo(meters);
      new JvmThreadMetrics().bindTo(meters);
      new ProcessorMetrics().bindTo(meters);
      new FileDescriptorMetrics().bindTo(meters);
      new UptimeMetrics().bindTo(meters);
    }
  }

  /** Takes the meters back, so that the registry can serve another console. */
  @Override
  public void close() {
    collections.close();
    if (own) {
      meters.getMeters().stream().filter(JvmMetrics::isOfJvm).forEach(meters::remove);
    }
  }

  private static boolean isOfJvm(Meter meter) {
    return PREFIXES.stream().anyMatch(meter.getId().getName()::startsWith);
  }
}
