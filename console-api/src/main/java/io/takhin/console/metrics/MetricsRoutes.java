package io.takhin.console.metrics;

import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.takhin.console.http.Route;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** The scrape, in Prometheus' text format 0.0.4, which every version of it reads. */
public final class MetricsRoutes {
  private static final PrometheusTextFormatWriter WRITER = PrometheusTextFormatWriter.create();

  private final PrometheusMeterRegistry meters;

  public MetricsRoutes(PrometheusMeterRegistry meters) {
    this.meters = meters;
  }

  public List<Route> routes() {
    return List.of(Route.get("/metrics", this::scrape));
  }

  private void scrape(Context context) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    WRITER.write(text, ContractNames.apply(meters.getPrometheusRegistry().scrape()));
    context.contentType(WRITER.getContentType()).result(text.toByteArray());
  }
}
