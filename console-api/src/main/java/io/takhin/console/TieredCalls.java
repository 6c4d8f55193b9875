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
import io.takhin.console.remote.RemoteRoutes;
import io.takhin.console.remote.RemoteStorage;
import io.takhin.console.segment.SegmentRoutes;
import io.takhin.console.stats.ReadsRoutes;
import io.takhin.console.stats.StatsRoutes;
import io.takhin.console.sweep.SweepRoutes;
import io.takhin.console.transfer.TransferRoutes;
import io.takhin.console.transfer.Transfers;
import io.takhin.console.verify.VerifyRoutes;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.transfer.TransferStatus;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The calls below {@code /api/v1}: answered from an engine, or refused for want of one, or as far
 * as a broker with its own record of segments has answers.
 *
 * @param checks what readiness asks of the engine
 * @param background ends with the console
 */
record TieredCalls(List<Route> routes, List<HealthCheck> checks, Runnable background)
    implements AutoCloseable {
  /** The template of all calls below the contract's root. */
  static final String ANY_CALL = "/api/v1/tiered/<call>";

  private static final String OFF = "tiered storage is off: storage.tiered.enabled is false";

  private static final String OF_THE_BROKER =
      "the broker beside this console keeps the record of its remote segments and decides about"
          + " them by itself; offered are /api/v1/remote/stats, /topics and /segments, and"
          + " /api/v1/tiered/reads, /transfers and /limits";

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
    routes.addAll(new ReadsRoutes(tiered::readStats).routes());
    routes.addAll(segments.routes());
    routes.addAll(new DiskRoutes(tiered).routes());
    routes.addAll(
        new TransferRoutes(new EngineTransfers(tiered), options.maxRequestBytes()).routes());
    routes.addAll(new IsolationRoutes(tiered, options.maxRequestBytes()).routes());
    routes.addAll(new SweepRoutes(tiered.sweeper()).routes());
    routes.addAll(new DeletionRoutes(tiered, options.maxRequestBytes(), clock).routes());
    routes.addAll(new VerifyRoutes(tiered.verifier()).routes());
    routes.addAll(new OperationRoutes(tiered, segments, passes, limits, answers, clock).routes());
    return new TieredCalls(
        routes,
        List.of(
            new StoreHealthCheck(() -> tiered.stats().store()),
            new WriterHealthCheck(tiered),
            new DiskHealthCheck(tiered, clock)),
        passes::close);
  }

  /**
   * Beside a broker with its own record of segments: what the bucket holds and what travels. All
   * else says why it is not there.
   */
  static TieredCalls to(RemoteStorage storage, ConsoleOptions options) {
    List<Route> routes = new ArrayList<>();
    routes.addAll(new RemoteRoutes(storage).routes());
    routes.addAll(new ReadsRoutes(storage::reads).routes());
    routes.addAll(new TransferRoutes(storage.transfers(), options.maxRequestBytes()).routes());
    routes.addAll(everyOther(ProblemKind.NOT_OFFERED, OF_THE_BROKER));
    return new TieredCalls(routes, List.of(new StoreHealthCheck(storage::storeHealth)), () -> {});
  }

  /** Every call says that there is no engine, whatever it asks for. */
  static TieredCalls off() {
    return new TieredCalls(everyOther(ProblemKind.TIERED_OFF, OFF), List.of(), () -> {});
  }

  /** Refuses what no route before these takes. */
  private static List<Route> everyOther(ProblemKind kind, String detail) {
    Handler refuse =
        context -> {
          throw ProblemException.of(kind, detail);
        };
    return List.of(
        Route.get(ANY_CALL, refuse),
        Route.post(ANY_CALL, refuse),
        Route.put(ANY_CALL, refuse),
        Route.delete(ANY_CALL, refuse));
  }

  /** What an engine has under way. */
  private record EngineTransfers(TieredStorageManager tiered) implements Transfers {
    @Override
    public List<TransferStatus> underWay() {
      return tiered.transfers();
    }

    @Override
    public boolean cancel(long id) {
      return tiered.cancelTransfer(id);
    }

    @Override
    public RateLimits limits() {
      return tiered.limits();
    }
  }

  @Override
  public void close() {
    background.run();
  }
}
