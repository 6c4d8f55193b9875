package io.takhin.broker.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.broker.Broker;
import io.takhin.broker.BrokerOptions;
import io.takhin.broker.log.AdoptedLog;
import io.takhin.config.BrokerConfig;
import io.takhin.config.ConsoleConfig;
import io.takhin.config.LogConfig;
import io.takhin.config.TakhinConfig;
import io.takhin.console.ConsoleOptions;
import io.takhin.console.ConsoleServer;
import io.takhin.console.health.HealthCheck;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.disk.DiskSpace;
import io.takhin.tiered.policy.RetentionPolicy;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One whole process: broker, archiver, console, and the embedded S3 server where one is asked for.
 * Everything answers when {@link #start} returns. Any thread may close it.
 */
public final class TakhinServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TakhinServer.class);

  private final TakhinConfig config;
  private final Broker broker;
  private final Optional<TieredRuntime> tiered;
  private final Optional<ConsoleServer> console;

  private TakhinServer(
      TakhinConfig config,
      Broker broker,
      Optional<TieredRuntime> tiered,
      Optional<ConsoleServer> console) {
    this.config = config;
    this.broker = broker;
    this.tiered = tiered;
    this.console = console;
  }

  /**
   * Starts everything, or nothing: what had started is stopped again when a later part cannot.
   *
   * @throws StartException if the data directory is in use or not writable, a port is taken, or the
   *     embedded S3 server does not start. A remote store that does not answer is no reason.
   */
  public static TakhinServer start(TakhinConfig config) throws StartException {
    return start(config, DiskSpace.OF_FILE_SYSTEM);
  }

  /**
   * @param space how the disk of the data directory is measured; a test has its own
   */
  static TakhinServer start(TakhinConfig config, DiskSpace space) throws StartException {
    new RebuildMarker(config.storage().dataDir()).requireAbsent();
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Startup startup = new Startup();
    try {
      Broker broker = startBroker(config, space, meters, startup);
      bringBackUndeleted(broker, startup.tiered);
      try {
        Optional<ConsoleServer> console =
            startConsole(config.console(), broker, startup.tiered, meters);
        return new TakhinServer(config, broker, Optional.ofNullable(startup.tiered), console);
      } catch (IOException | RuntimeException e) {
        closeAfter(e, broker);
        throw e;
      }
    } catch (IOException e) {
      closeAfter(e, startup.tiered);
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      closeAfter(e, startup.tiered);
      throw e;
    }
  }

  /** What the broker's start has opened on the way. */
  private static final class Startup {
    private @Nullable TieredRuntime tiered;
  }

  private static Broker startBroker(
      TakhinConfig config, DiskSpace space, PrometheusMeterRegistry meters, Startup startup)
      throws IOException {
    BrokerOptions options = brokerOptions(config);
    try {
      if (!config.storage().tiered().enabled()) {
        return Broker.start(options);
      }
      return Broker.start(
          options,
          partitions -> {
            TieredRuntime tiered = TieredRuntime.open(config.storage(), partitions, space, meters);
            startup.tiered = tiered;
            return new ArchiverTiering(tiered.tiers(), partitions);
          });
    } catch (BindException e) {
      throw new IOException("broker " + e.getMessage() + "; change broker.host or broker.port", e);
    }
  }

  /** What the archiver undeletes, the broker makes a topic again. */
  private static void bringBackUndeleted(Broker broker, @Nullable TieredRuntime tiered) {
    if (tiered != null) {
      TieredStorageManager tiers = tiered.tiers();
      tiers
          .deletions()
          .addListener(
              topic -> {
                Map<Integer, AdoptedLog> archived = ArchivedLogs.of(tiers, topic);
                if (!archived.isEmpty()) {
                  broker.bringBack(topic, archived);
                }
              });
    }
  }

  private static BrokerOptions brokerOptions(TakhinConfig config) {
    BrokerConfig broker = config.broker();
    LogConfig log = config.storage().log();
    return new BrokerOptions(
        broker.host(),
        broker.port(),
        broker.advertisedHost(),
        config.storage().dataDir(),
        broker.topics().autoCreate(),
        broker.topics().numPartitions(),
        Math.toIntExact(log.segmentBytes()),
        broker.maxConnections(),
        Math.toIntExact(broker.maxRequestBytes()),
        broker.shutdownTimeout(),
        config.storage().tiered().restore().readTimeout(),
        new RetentionPolicy(
            log.retention().map(Duration::toMillis).orElse(RetentionPolicy.UNLIMITED),
            log.retentionBytes()));
  }

  private static Optional<ConsoleServer> startConsole(
      ConsoleConfig config,
      Broker broker,
      @Nullable TieredRuntime tiered,
      PrometheusMeterRegistry meters)
      throws IOException {
    if (!config.enabled()) {
      return Optional.empty();
    }
    ConsoleOptions options =
        ConsoleOptions.defaults()
            .withAddress(config.host(), config.port())
            .withMaxRequestBytes(Math.toIntExact(config.maxRequestBytes()));
    List<HealthCheck> checks =
        List.of(
            HealthCheck.named("broker", () -> listening(broker)),
            HealthCheck.named("data_directory", () -> writable(broker)));
    return Optional.of(
        tiered == null
            ? ConsoleServer.startWithoutTiers(options, meters, checks)
            : ConsoleServer.start(options, tiered.tiers(), meters, checks));
  }

  private static HealthCheck.Result listening(Broker broker) {
    return broker.isListening()
        ? HealthCheck.Result.up("Kafka clients are served on port " + broker.port())
        : HealthCheck.Result.down("the broker is stopping and takes no Kafka clients");
  }

  /** A disk that takes no writes leaves the broker in service, because reads go on. */
  private static HealthCheck.Result writable(Broker broker) {
    return broker
        .recentWriteFailure()
        .map(
            problem ->
                HealthCheck.Result.degraded(
                    "writes failed within the last minute, reads are served; make room on the disk"
                        + " or repair it; last error: "
                        + problem))
        .orElseGet(() -> HealthCheck.Result.up("no write failed within the last minute"));
  }

  private static void closeAfter(Exception failure, @Nullable AutoCloseable started) {
    try {
      if (started != null) {
        started.close();
      }
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /** Where Kafka clients connect, {@code host:port}. */
  public String bootstrapServers() {
    return config.broker().advertisedHost() + ":" + broker.port();
  }

  /** The console's address; empty when it is disabled. */
  public Optional<URI> console() {
    return console.map(ConsoleServer::uri);
  }

  /** The archiver; empty when {@code storage.tiered.enabled} is false. */
  public Optional<TieredStorageManager> tiers() {
    return tiered.map(TieredRuntime::tiers);
  }

  /** One line for whoever waits for the start, with all addresses. */
  public String readyLine() {
    String store =
        tiered.map(TieredRuntime::description).orElse("off (storage.tiered.enabled: false)");
    return "takhin ready: kafka="
        + bootstrapServers()
        + " console="
        + console().map(URI::toString).orElse("off")
        + " data="
        + config.storage().dataDir().toAbsolutePath().normalize()
        + " tiered="
        + store;
  }

  /** Stops in the reverse order; what fails to stop does not keep the rest from it. */
  @Override
  public void close() {
    console.ifPresent(ConsoleServer::close);
    try {
      broker.close();
    } catch (IOException e) {
      LOG.error("broker_not_stopped_cleanly problem=\"{}\"", e.getMessage(), e);
    }
    tiered.ifPresent(TieredRuntime::close);
  }
}
