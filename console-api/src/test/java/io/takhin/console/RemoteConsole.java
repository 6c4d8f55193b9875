package io.takhin.console;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.console.remote.RemoteSegmentListing;
import io.takhin.console.remote.RemoteStats;
import io.takhin.console.remote.RemoteStorage;
import io.takhin.console.remote.RemoteTopicListing;
import io.takhin.console.stats.StoreHealthDetail;
import io.takhin.console.transfer.Transfers;
import io.takhin.tiered.read.ReadCosts;
import io.takhin.tiered.read.ReadStats;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.metered.StoreHealth;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.TransferStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A console beside a broker that keeps its own record, and the HTTP client to ask it with. */
final class RemoteConsole implements AutoCloseable {
  static final String API = "/api/v1/remote";
  static final String NEXT = "kafka/orders-AAAAAAAAAAAAAAAAAAAAAA/0/x.log";

  private static final Instant WHEN = Instant.parse("2026-01-01T00:00:00Z");

  final Storage storage = new Storage();
  final ConsoleServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  RemoteConsole() throws Exception {
    server =
        ConsoleServer.startBeside(
            storage,
            RunningConsole.freePort(),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
            List.of());
  }

  Answer get(String path) throws Exception {
    return send(request(path));
  }

  Answer send(String method, String path) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString("{}")));
  }

  CompletableFuture<Answer> getAsync(String path) {
    return client.sendAsync(request(path).build(), BodyHandlers.ofString()).thenApply(Answer::new);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.uri() + path));
  }

  private Answer send(HttpRequest.Builder request) throws Exception {
    return new Answer(
        client.send(request.timeout(Duration.ofMinutes(3)).build(), BodyHandlers.ofString()));
  }

  @Override
  public void close() {
    storage.release.countDown();
    server.close();
  }

  /** Answers what a test can recognise. */
  static final class Storage implements RemoteStorage, Transfers {
    final AtomicReference<@Nullable StoreException> failure = new AtomicReference<>();
    final AtomicReference<@Nullable String> asked = new AtomicReference<>();
    final AtomicInteger cancelled = new AtomicInteger();

    /** Listings that have begun. */
    final AtomicInteger begun = new AtomicInteger();

    /** Until it is counted down, listings wait; at first they do not. */
    volatile CountDownLatch release = new CountDownLatch(0);

    private final RateLimits limits = new RateLimits(0, 0);

    @Override
    public RemoteStats stats() {
      return new RemoteStats(
          "s3://bucket",
          "kafka",
          7,
          new TreeMap<>(Map.of("copy", new RemoteStats.Calls(3, 1, 0, 1200))),
          2,
          new TreeMap<>(Map.of("put", 9L)),
          1000,
          500,
          StoreHealthDetail.of(storeHealth()));
    }

    @Override
    public StoreHealth storeHealth() {
      return new StoreHealth(false, "connection refused", WHEN.toEpochMilli());
    }

    @Override
    public ReadStats reads() {
      ReadCosts costs = new ReadCosts(1, 2, 3, 4, 5, 6, Duration.ofMillis(7), Duration.ZERO);
      return new ReadStats(costs, new TreeMap<>(Map.of("orders", costs)), 8, 9, 0, 1);
    }

    @Override
    public Transfers transfers() {
      return this;
    }

    @Override
    public List<TransferStatus> underWay() {
      return List.of(
          new TransferStatus(
              5,
              TransferStatus.Direction.UPLOAD,
              new ObjectKey(NEXT),
              Purpose.background("copy"),
              100,
              50,
              WHEN.toEpochMilli(),
              10,
              Optional.of(Duration.ofSeconds(5))));
    }

    @Override
    public boolean cancel(long id) {
      cancelled.incrementAndGet();
      return true;
    }

    @Override
    public RateLimits limits() {
      return limits;
    }

    @Override
    public RemoteTopicListing topics(@Nullable ObjectKey after) throws StoreException {
      listed("after=" + after);
      return new RemoteTopicListing(
          List.of(new RemoteTopicListing.Topic("orders", "A".repeat(22), 4, 1, 4000)), 20, NEXT);
    }

    @Override
    public RemoteSegmentListing segments(
        @Nullable String topic, @Nullable ObjectKey after, int limit) throws StoreException {
      listed("topic=" + topic + " after=" + after + " limit=" + limit);
      return new RemoteSegmentListing(
          List.of(
              new RemoteSegmentListing.Segment(
                  "orders", "A".repeat(22), 0, 1000, "B".repeat(22), true, 90, 100, WHEN, NEXT)),
          1,
          null);
    }

    private void listed(String question) throws StoreException {
      asked.set(question);
      begun.incrementAndGet();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      StoreException fail = failure.get();
      if (fail != null) {
        throw fail;
      }
    }
  }
}
