package io.takhin.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.console.health.HealthCheck;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.disk.DiskMarks;
import io.takhin.tiered.disk.DiskUsage;
import io.takhin.tiered.disk.OutageOptions;
import io.takhin.tiered.disk.OutagePolicy;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.memory.MemoryStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A console over an engine on real files, and the HTTP client to ask it with. */
final class RunningConsole implements AutoCloseable {
  static final String API = "/api/v1/tiered";

  private static final int LOG_BYTES = 100_000;
  private static final int INDEX_BYTES = 800;
  private static final int RECORDS = 1_000;
  private static final Duration ONE_DAY = Duration.ofDays(1);

  final SettableClock clock = new SettableClock();
  final FaultyStore store = new FaultyStore(new MemoryStore());
  final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final TieredStorageManager tiered;
  final ConsoleServer server;

  /** What the disk is said to be like, measured when the policy runs. */
  final AtomicReference<DiskUsage> disk = new AtomicReference<>(new DiskUsage(0, 1_000_000));

  private final Path data;
  private final HttpClient client = HttpClient.newHttpClient();

  private RunningConsole(Path data, ConsoleOptions options, List<HealthCheck> checks)
      throws Exception {
    this.data = data;
    this.tiered =
        TieredStorageManager.open(
            TieredOptions.builder(data)
                .keyPrefix("takhin")
                .outage(
                    new OutageOptions(
                        OutagePolicy.SHED, DiskMarks.DEFAULT, directory -> disk(), ONE_DAY))
                .build(),
            store,
            new DirectorySegments(data),
            meters,
            clock);
    tiered.writer().requireOwner(); // Not in the middle of what a test does to the store.
    this.server = ConsoleServer.start(options, tiered, meters, checks, clock);
  }

  private DiskUsage disk() {
    return Objects.requireNonNull(disk.get());
  }

  static RunningConsole start(Path data) throws Exception {
    return start(data, freePort());
  }

  static RunningConsole start(Path data, ConsoleOptions options, HealthCheck... checks)
      throws Exception {
    return new RunningConsole(data, options, List.of(checks));
  }

  static ConsoleOptions freePort() {
    return ConsoleOptions.defaults().withAddress("127.0.0.1", 0);
  }

  /** Writes the files of segments of 1,000 records each, just sealed, and registers them. */
  List<String> seal(String topic, int count) throws Exception {
    List<SegmentMetadata> sealed = new ArrayList<>();
    for (int segment = 0; segment < count; segment++) {
      long base = (long) segment * RECORDS;
      SegmentId id = SegmentId.of(topic, 0, base);
      write(id);
      long now = clock.millis();
      sealed.add(SegmentMetadata.sealed(id, base + RECORDS, now, LOG_BYTES, now));
    }
    tiered.registerAll(sealed);
    return sealed.stream().map(segment -> segment.id().path()).toList();
  }

  /** Writes the files of a segment that is not sealed, so that nobody registers it. */
  String writeActive(String topic) throws IOException {
    SegmentId id = SegmentId.of(topic, 0, 0);
    write(id);
    return id.path();
  }

  /** Reads the start of a segment's log, wherever it is. */
  void read(String segmentPath) throws Exception {
    try (CachedRange range =
        tiered
            .reader(SegmentId.parse(segmentPath))
            .read(FileKind.LOG, 0, 1, LOG_BYTES)
            .get(3, TimeUnit.MINUTES)) {
      assertThat(range.lengthBytes()).isEqualTo(LOG_BYTES);
    }
  }

  boolean hasLocalLog(String segmentPath) {
    return Files.exists(data.resolve(segmentPath))
        || Files.exists(data.resolve(".restored").resolve(segmentPath));
  }

  Answer get(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  Answer post(String path, String json) throws Exception {
    return send(postRequest(path, json));
  }

  Answer put(String path, String json) throws Exception {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(json)));
  }

  Answer delete(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).DELETE());
  }

  Answer move(String kind, String segmentPath) throws Exception {
    return post(API + "/" + kind, "{\"segment_path\":\"" + segmentPath + "\"}");
  }

  CompletableFuture<Answer> moveAsync(String kind, String segmentPath) {
    String json = "{\"segment_path\":\"" + segmentPath + "\"}";
    return client
        .sendAsync(postRequest(API + "/" + kind, json).build(), BodyHandlers.ofString())
        .thenApply(Answer::new);
  }

  Answer send(HttpRequest.Builder request) throws Exception {
    return new Answer(
        client.send(request.timeout(Duration.ofMinutes(3)).build(), BodyHandlers.ofString()));
  }

  URI uri(String path) {
    return URI.create(server.uri() + path);
  }

  /** Sends the text as it is, where an HTTP client would tidy it up; reads to the end. */
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort());
  }

  private HttpRequest.Builder postRequest(String path, String json) {
    return HttpRequest.newBuilder(uri(path))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(json));
  }

  private void write(SegmentId id) throws IOException {
    Path directory = Files.createDirectories(data.resolve(id.partition().directory()));
    Files.write(directory.resolve(FileKind.LOG.fileName(id)), filled(LOG_BYTES, (byte) 7));
    Files.write(directory.resolve(FileKind.INDEX.fileName(id)), filled(INDEX_BYTES, (byte) 1));
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(id)), filled(INDEX_BYTES, (byte) 2));
  }

  private static byte[] filled(int length, byte value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, value);
    return bytes;
  }

  @Override
  public void close() throws CatalogException {
    store.release();
    store.heal();
    server.close();
    tiered.close();
    store.close();
  }
}
