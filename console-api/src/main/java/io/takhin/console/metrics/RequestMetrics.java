package io.takhin.console.metrics;

import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/**
 * Counts and times requests by route, method and status. The route is the template, never the path,
 * so the number of series is bounded by the number of routes.
 */
public final class RequestMetrics {
  private static final double NANOS_PER_MILLI = 1e6;

  private final MeterRegistry meters;

  public RequestMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Called after each answer; the time includes that of waiting for an operation. */
  public void record(Context context, float millis) {
    Endpoint endpoint = context.endpoints().matchedHttpEndpoint();
    Timer.builder("takhin.console.requests")
        .description("Requests to the console, by route, method and status")
        .tag("route", endpoint == null ? "none" : endpoint.path)
        .tag("method", endpoint == null ? "none" : endpoint.method.name())
        .tag("status", Integer.toString(context.statusCode()))
        .register(meters)
        .record((long) (millis * NANOS_PER_MILLI), TimeUnit.NANOSECONDS);
  }
}
