package io.takhin.console.health;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.takhin.console.health.HealthCheck.Result;
import io.takhin.console.health.HealthCheck.Status;
import io.takhin.console.http.Json;
import io.takhin.console.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers orchestrators: restart me, or send me no requests. */
public final class HealthRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(HealthRoutes.class);

  private final List<HealthCheck> checks;

  public HealthRoutes(List<HealthCheck> checks) {
    this.checks = List.copyOf(checks);
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/health/live", context -> Json.answer(context, new Liveness("live"))),
        Route.get("/health/ready", this::ready));
  }

  /** The answer of {@code /health/live}: being able to give it is the whole check. */
  private record Liveness(String status) {}

  private void ready(Context context) {
    List<Readiness.Check> results = new ArrayList<>();
    Status worst = Status.UP;
    for (HealthCheck check : checks) {
      Result result = look(check);
      String status = result.status().name().toLowerCase(Locale.ROOT);
      results.add(new Readiness.Check(check.name(), status, result.detail()));
      worst = result.status().compareTo(worst) > 0 ? result.status() : worst;
    }
    context.status(worst == Status.DOWN ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.OK);
    Json.answer(context, new Readiness(overall(worst), results));
  }

  private static Result look(HealthCheck check) {
    try {
      return check.check();
    } catch (RuntimeException e) {
      LOG.warn("health check failed: check={}; it counts as down", check.name(), e);
      return Result.down("the check itself failed: " + e.getClass().getSimpleName());
    }
  }

  private static String overall(Status worst) {
    return switch (worst) {
      case UP -> "ready";
      case DEGRADED -> "degraded";
      case DOWN -> "not_ready";
    };
  }
}
