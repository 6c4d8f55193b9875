package io.takhin.kafka;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.console.ConsoleOptions;
import io.takhin.console.ConsoleServer;
import io.takhin.kafka.config.PluginConfig;
import io.takhin.kafka.jmx.MeterBeans;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What lets an operator look at a plugin: MBeans, and a console if it is wanted. */
final class Observers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Observers.class);

  private final MeterBeans beans;
  private final Optional<ConsoleServer> console;

  private Observers(MeterBeans beans, Optional<ConsoleServer> console) {
    this.beans = beans;
    this.console = console;
  }

  /**
   * Begins to show the plugin.
   *
   * @param meters those that the parts count with
   */
  static Observers of(Machinery parts, PrometheusMeterRegistry meters) {
    MeterBeans beans =
        MeterBeans.of(meters, ManagementFactory.getPlatformMBeanServer(), parts.config.brokerId());
    return new Observers(
        beans, parts.config.console().flatMap(wanted -> start(wanted, parts, meters)));
  }

  /**
   * Whatever keeps the console from starting, a taken port most likely, must not keep the broker
   * from it: that would take partitions out of service.
   */
  private static Optional<ConsoleServer> start(
      PluginConfig.Console wanted, Machinery parts, PrometheusMeterRegistry meters) {
    ConsoleOptions options = ConsoleOptions.defaults().withAddress(wanted.host(), wanted.port());
    try {
      return Optional.of(
          ConsoleServer.startBeside(new PluginStorage(parts), options, meters, List.of()));
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.error(
          "console_not_started host={} port={} problem=\"{}\" action=\"the broker works without"
              + " it; remove the cause, or change rsm.config.console.port, and restart\"",
          wanted.host(),
          wanted.port(),
          e.toString(),
          e);
      return Optional.empty();
    }
  }

  /** Where the console answers; empty if there is none. */
  Optional<URI> console() {
    return console.map(ConsoleServer::uri);
  }

  @Override
  public void close() {
    console.ifPresent(ConsoleServer::close);
    beans.close();
  }
}
