package io.takhin.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.broker.server.TakhinServer;
import io.takhin.config.TakhinConfig;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.FaultProxy;
import io.takhin.tiered.TieredStorageManager;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A whole process whose store is reached through a proxy that can fail. */
final class Outage implements AutoCloseable {
  static final String TOPIC = "t";

  private static final int COUNT = 3_000;

  final FaultProxy proxy;
  final TakhinServer server;
  private final Path data;
  final Clients clients;
  final List<String> values = new ArrayList<>();

  private Outage(Path data, FaultProxy proxy, TakhinServer server) {
    this.data = data;
    this.proxy = proxy;
    this.server = server;
    String address = server.bootstrapServers();
    this.clients = new Clients(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
  }

  static FaultProxy newProxy() throws IOException {
    return FaultProxy.start(EmbeddedS3Fixture.shared().endpoint());
  }

  /** Starts on a store that works, or not, as the proxy was told. */
  static Outage start(Path data, FaultProxy proxy) throws Exception {
    return start(data, proxy, EmbeddedS3Fixture.shared().bucket());
  }

  /** Segments are small and due at once, the policy runs twice a second, and S3 has a second. */
  static Outage start(Path data, FaultProxy proxy, String bucket) throws Exception {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("broker.port", "0");
    keys.put("console.port", "0");
    keys.put("storage.data.dir", data.toString());
    keys.put("storage.log.segment.bytes", "65536");
    keys.put("storage.tiered.enabled", "true");
    keys.put("storage.tiered.warm.age.hours", "0");
    keys.put("storage.tiered.cold.age.hours", "0");
    keys.put("storage.tiered.archive.interval.minutes", "0.01");
    keys.put("storage.tiered.read.timeout.seconds", "1");
    keys.put("storage.tiered.s3.endpoint", proxy.endpoint().toString());
    keys.put("storage.tiered.s3.bucket", bucket);
    keys.put("storage.tiered.s3.prefix", EmbeddedS3Fixture.shared().freshPrefix() + "logs");
    keys.put("storage.tiered.s3.request.timeout.seconds", "1");
    keys.put("storage.tiered.s3.max.retries", "1");
    return new Outage(data, proxy, TakhinServer.start(TakhinConfig.load(null, Map.of(), keys)));
  }

  /** Fills some segments. */
  void produce() throws Exception {
    produceMore();
    await().atMost(Clients.LONG_ENOUGH).until(() -> tiers().stats().catalog().segments() > 3);
  }

  /** Writes as much again as {@link #produce}. */
  void produceMore() throws Exception {
    List<String> more = Clients.values("v" + values.size(), COUNT);
    clients.send(TOPIC, 0, more, Map.of("batch.size", 2048));
    values.addAll(more);
  }

  /**
   * Waits until all sealed segments are in the bucket only. That none is left is told by the disk:
   * the catalog learns of a sealed segment a while after it is one.
   */
  void awaitArchived() {
    await().atMost(Clients.LONG_ENOUGH).until(() -> localLogs() == 1);
    await()
        .atMost(Clients.LONG_ENOUGH)
        .until(
            () -> {
              var catalog = tiers().stats().catalog();
              return catalog.archivedSegments() == catalog.segments() && catalog.segments() > 3;
            });
  }

  private long localLogs() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve(TOPIC + "-0"))) {
      return files.filter(file -> file.toString().endsWith(".log")).count();
    }
  }

  List<String> readAll() {
    return clients.read(TOPIC, 0, 0, values.size());
  }

  TieredStorageManager tiers() {
    return server.tiers().orElseThrow();
  }

  /** Waits until the engine has noticed the store's trouble, and says so in these words. */
  void awaitStoreError(String... words) {
    await()
        .atMost(Clients.LONG_ENOUGH)
        .untilAsserted(
            () -> {
              var store = tiers().stats().store();
              assertThat(store.reachable()).as(store.toString()).isFalse();
              assertThat(String.valueOf(store.lastError())).contains(words);
            });
  }

  /** The console's answer, which has to be of the given status. */
  JsonNode get(int status, String path) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(server.console().orElseThrow().toString() + path))
                    .build(),
                BodyHandlers.ofString());
    if (answer.statusCode() != status) {
      throw new AssertionError(
          path + ": expected " + status + ", got " + answer.statusCode() + " " + answer.body());
    }
    return new ObjectMapper().readTree(answer.body());
  }

  @Override
  public void close() throws IOException {
    try {
      server.close();
    } finally {
      proxy.close();
    }
  }
}
