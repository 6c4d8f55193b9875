package io.takhin.console;

import io.javalin.http.Handler;
import io.takhin.console.deletion.DeletionRoutes;
import io.takhin.console.disk.DiskHealthCheck;
import io.takhin.console.disk.DiskRoutes;
import io.takhin.console.health.HealthCheck;
import io.takhin.console.health.StoreHealthCheck;
import io.takhin.console.health.WriterHealthCheck;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.Route;
import io.takhin.console.isolation.IsolationRoutes;
import io.takhin.console.operation.OperationLimits;
import io.takhin.console.operation.OperationRoutes;
import io.takhin.console.operation.PolicyPasses;
import io.takhin.console.segment.SegmentRoutes;
import io.takhin.console.stats.StatsRoutes;
import io.takhin.console.sweep.SweepRoutes;
import io.takhin.console.transfer.TransferRoutes;
import io.takhin.console.verify.VerifyRoutes;
import io.takhin.tiered.TieredStorageManager;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The calls below {@code /api/v1/tiered}: answered from an engine, or refused for want of one.
 *
 * @param checks what readiness asks of the engine
 * @param background ends with the console
 */
record TieredCalls(List<Route> routes, List<HealthCheck> checks, Runnable background)
    implements AutoCloseable {
  private static final String OFF = "tiered storage is off: storage.tiered.enabled is false";

  /**
   * @param answers runs the short end of each request that waited
   */
  static TieredCalls to(
      TieredStorageManager tiered, ConsoleOptions options, Executor answers, Clock clock) {
    PolicyPasses passes = new PolicyPasses(tiered);
    SegmentRoutes segments = new SegmentRoutes(tiered, clock);
    OperationLimits limits =
        new OperationLimits(
            options.maxRequestBytes(),
            options.maxWaitingRequests(),
            options.maxRunningOperations(),
            options.maxKeptOperations(),
            options.maxWait());
    List<Route> routes = new ArrayList<>();
    routes.addAll(new StatsRoutes(tiered).routes());
    routes.addAll(segments.routes());
    routes.addAll(new DiskRoutes(tiered).routes());
    routes.addAll(new TransferRoutes(tiered, options.maxRequestBytes()).routes());
    routes.addAll(new IsolationRoutes(tiered, options.maxRequestBytes()).routes());
    routes.addAll(new SweepRoutes(tiered.sweeper()).routes());
    routes.addAll(new DeletionRoutes(tiered, options.maxRequestBytes(), clock).routes());
    routes.addAll(new VerifyRoutes(tiered.verifier()).routes());
    routes.addAll(new OperationRoutes(tiered, segments, passes, limits, answers, clock).routes());
    return new TieredCalls(
        routes,
        List.of(
            new StoreHealthCheck(tiered),
            new WriterHealthCheck(tiered),
            new DiskHealthCheck(tiered, clock)),
        passes::close);
  }

  /** Every call says that there is no engine, whatever it asks for. */
  static TieredCalls off() {
    Handler refuse =
        context -> {
          throw ProblemException.of(ProblemKind.TIERED_OFF, OFF);
        };
    String anyPath = "/api/v1/tiered/<call>";
    return new TieredCalls(
        List.of(
            Route.get(anyPath, refuse),
            Route.post(anyPath, refuse),
            Route.put(anyPath, refuse),
            Route.delete(anyPath, refuse)),
        List.of(),
        () -> {});
  }

  @Override
  public void close() {
    background.run();
  }
}
