package io.takhin.console;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.HttpResponseException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.console.health.HealthCheck;
import io.takhin.console.health.HealthRoutes;
import io.takhin.console.http.Problems;
import io.takhin.console.http.RequestGuard;
import io.takhin.console.http.Route;
import io.takhin.console.http.ServerErrors;
import io.takhin.console.metrics.JvmMetrics;
import io.takhin.console.metrics.MetricsRoutes;
import io.takhin.console.metrics.RequestMetrics;
import io.takhin.console.page.Beside;
import io.takhin.console.page.PageRoutes;
import io.takhin.console.remote.RemoteStorage;
import io.takhin.tiered.TieredStorageManager;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The console of one engine, of a broker without one, or of one with its own record of segments.
 * {@link #start} binds and answers when it returns; {@link #close} may be called from any thread,
 * once or more often. The engine is not the console's: whoever opened it closes it, after the
 * console.
 *
 * <pre>{@code
 * try (ConsoleServer console =
 *     ConsoleServer.start(ConsoleOptions.defaults(), tiered, meters, List.of())) {
 *   System.out.println("console at " + console.uri());
 *   …
 * }
 * }</pre>
 */
public final class ConsoleServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
  private static final int MIN_THREADS = 4;

  private final Javalin javalin;
  private final TieredCalls tieredCalls;
  private final JvmMetrics jvmMetrics;
  private final List<Route> routes;
  private final URI uri;

  private ConsoleServer(
      Javalin javalin,
      TieredCalls tieredCalls,
      JvmMetrics jvmMetrics,
      List<Route> routes,
      URI uri) {
    this.javalin = javalin;
    this.tieredCalls = tieredCalls;
    this.jvmMetrics = jvmMetrics;
    this.routes = List.copyOf(routes);
    this.uri = uri;
  }

  /**
   * Starts a console on the system's clock.
   *
   * @see #start(ConsoleOptions, TieredStorageManager, PrometheusMeterRegistry, List, Clock)
   */
  public static ConsoleServer start(
      ConsoleOptions options,
      TieredStorageManager tiered,
      PrometheusMeterRegistry meters,
      List<HealthCheck> checks)
      throws IOException {
    return start(options, tiered, meters, checks, Clock.systemUTC());
  }

  /**
   * Starts a console.
   *
   * @param meters what {@code /metrics} shows; the same registry the engine was opened with
   * @param checks what {@code /health/ready} asks besides the object store
   * @param clock the same the engine was opened with, for ages and for what happens next
   * @throws java.net.BindException if the address is taken or is none of this machine's; the
   *     message names host and port
   */
  public static ConsoleServer start(
      ConsoleOptions options,
      TieredStorageManager tiered,
      PrometheusMeterRegistry meters,
      List<HealthCheck> checks,
      Clock clock)
      throws IOException {
    promise(meters);
    return start(
        options,
        Beside.ARCHIVER,
        threads -> TieredCalls.to(tiered, options, threads, clock),
        meters,
        checks);
  }

  /**
   * Starts a console beside a broker that keeps its own record of remote segments. Calls that need
   * a catalog are answered 404, saying why. Parameters and failures as of {@link
   * #start(ConsoleOptions, TieredStorageManager, PrometheusMeterRegistry, List, Clock)}.
   *
   * @param storage stays the caller's: closed after the console
   */
  public static ConsoleServer startBeside(
      RemoteStorage storage,
      ConsoleOptions options,
      PrometheusMeterRegistry meters,
      List<HealthCheck> checks)
      throws IOException {
    return start(
        options,
        Beside.REMOTE_STORAGE,
        threads -> TieredCalls.to(storage, options),
        meters,
        checks);
  }

  /**
   * Starts a console where there is no engine: health, metrics and the page are served, and every
   * call below {@code /api/v1/tiered} is answered 503, saying that tiered storage is off.
   * Parameters and failures as of {@link #start(ConsoleOptions, TieredStorageManager,
   * PrometheusMeterRegistry, List, Clock)}.
   */
  public static ConsoleServer startWithoutTiers(
      ConsoleOptions options, PrometheusMeterRegistry meters, List<HealthCheck> checks)
      throws IOException {
    promise(meters);
    return start(options, Beside.ARCHIVER, threads -> TieredCalls.off(), meters, checks);
  }

  /**
   * A counter with a tag appears with its first count; alerts want the promised one before that.
   */
  private static void promise(PrometheusMeterRegistry meters) {
    Counter unused = meters.counter("tiered.storage.archive.operations", "outcome", "success");
  }

  private static ConsoleServer start(
      ConsoleOptions options,
      Beside beside,
      Function<Executor, TieredCalls> tiered,
      PrometheusMeterRegistry meters,
      List<HealthCheck> checks)
      throws IOException {
    ListenAddress address = ListenAddress.bind(options.host(), options.port());
    QueuedThreadPool threads = new QueuedThreadPool(options.maxThreads(), MIN_THREADS);
    threads.setName("console");
    threads.setDaemon(true);
    TieredCalls tieredCalls = tiered.apply(threads);
    List<HealthCheck> allChecks = new ArrayList<>(checks);
    allChecks.addAll(tieredCalls.checks());

    List<Route> routes = new ArrayList<>();
    routes.addAll(new PageRoutes(beside).routes());
    routes.addAll(tieredCalls.routes());
    routes.addAll(new HealthRoutes(allChecks).routes());
    routes.addAll(new MetricsRoutes(meters).routes());

    Javalin javalin =
        Javalin.create(
            config -> {
              serve(config, options, address, threads);
              answer(config, routes, address, options, new RequestMetrics(meters));
            });
    try {
      javalin.start();
    } catch (RuntimeException e) {
      tieredCalls.close();
      address.close();
      throw new IOException("console cannot start on " + address.uri(), e);
    }
    LOG.info("console listens: uri={}", address.uri());
    if (!address.isLoopback()) {
      LOG.warn(
          "console asks nobody for a password and is open to others: host={};"
              + " set console.host to 127.0.0.1, or let only trusted networks reach it",
          options.host());
    }
    return new ConsoleServer(javalin, tieredCalls, new JvmMetrics(meters), routes, address.uri());
  }

  /** Where it answers; a wildcard address is told as localhost. */
  public URI uri() {
    return uri;
  }

  List<Route> routes() {
    return routes;
  }

  /** Stops listening and ends the requests under way. Operations of the engine go on. */
  @Override
  public void close() {
    javalin.stop();
    tieredCalls.close();
    jvmMetrics.close();
  }

  private static void serve(
      JavalinConfig config,
      ConsoleOptions options,
      ListenAddress address,
      QueuedThreadPool threads) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.jetty.threadPool = threads;
    config.jetty.addConnector(address::connector);
    config.jetty.modifyServer(
        server -> {
          server.setErrorHandler(new ServerErrors());
          address.limitConnections(server, options.maxConnections());
        });
    config.http.maxRequestSize = options.maxRequestBytes();
    config.http.prefer405over404 = true;
    config.router.ignoreTrailingSlashes = false;
    // Waits are bounded by the operations themselves, which answer 202 instead of failing.
    config.http.asyncTimeout = 0;
  }

  private static void answer(
      JavalinConfig config,
      List<Route> routes,
      ListenAddress address,
      ConsoleOptions options,
      RequestMetrics metrics) {
    RequestGuard guard = new RequestGuard(options.host(), address.isLoopback());
    config.requestLogger.http(metrics::record);
    config.routes.before(guard::beforeEvery);
    config.routes.beforeMatched(guard::beforeMatched);
    for (Route route : routes) {
      config.routes.addHttpHandler(route.method(), route.path(), route.handler());
    }
    config.routes.exception(Exception.class, Problems::answer);
    // Routing failures have a handler of Javalin's own unless theirs is replaced by name.
    config.routes.exception(HttpResponseException.class, Problems::answer);
  }
}
