package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.benchmarks.transfer.JavaChild;
import io.takhin.benchmarks.transfer.StoreProcess;
import io.takhin.benchmarks.transfer.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Ordinary Kafka clients on a broker whose segments lie in a store that lets each request wait. The
 * broker is a process with a small heap.
 *
 * <p>A consumer begins at the first record of segment after segment that nobody has read, or in the
 * middle of it; then {@link ProduceTrial}. Smaller segments of another topic warm the code.
 *
 * <p>A {@link io.takhin.benchmarks.transfer.Sink} does not keep what it is sent. So the log of each
 * segment is linked to where it serves it from, before it is archived: nothing is written twice.
 */
final class BrokerTrial {
  static final String PART = "broker";
  static final String COLD = "cold";
  static final String LOCAL = "local";

  private static final String WARM_UP = "warm-up";
  private static final String PREFIX = "benchmark";
  private static final int HEAP_MIB = 256;
  private static final int CACHE_MIB = 256;
  private static final int WARM_UPS = 20;
  private static final long WARM_UP_BYTES = 8 << 20;
  private static final long LOCAL_BYTES = 256 << 20;

  /** Of a segment, behind the last one that is sealed. */
  private static final double ACTIVE_SHARE = 0.05;

  /** One segment in so many is begun in the middle. */
  private static final int MIDDLE_EACH = 3;

  private static final long POLL_NANOS = 200_000_000;
  private static final long REGISTER_SECONDS = 60;
  private static final long ARCHIVE_SECONDS = 400;
  private static final long ANSWER_SECONDS = 60;
  private static final double MOST_FIRST_RECORD_MILLIS = 150;

  private static final String FIRST = "first record of a cold segment";
  private static final String MIDDLE = "a record in the middle of a cold segment";
  private static final String REQUESTS = "requests to the store for the first";
  private static final String HEAP = "broker's heap after a collection, -Xmx" + HEAP_MIB + "m";

  private final Workspace workspace;
  private final StoreProcess store;
  private final Options options;
  private final Path dataDir;

  /** Where a sink finds the contents of its objects. */
  private final Path contents;

  private BrokerTrial(Workspace workspace, StoreProcess store, Path contents, Options options)
      throws IOException {
    this.workspace = workspace;
    this.store = store;
    this.contents = contents;
    this.options = options;
    this.dataDir = workspace.newDirectory("broker-");
  }

  static List<Finding> run(Workspace workspace, Options options) throws Exception {
    Path contents = workspace.newDirectory("contents-");
    Path log = workspace.file("store.log");
    try (StoreProcess store =
        options.embedded()
            ? StoreProcess.embedded(workspace.newDirectory("s3-"), log)
            : StoreProcess.sink(contents, log)) {
      return new BrokerTrial(workspace, store, contents, options).run();
    }
  }

  private List<String> overrides() {
    return List.of(
        "broker.port=0",
        "console.port=0",
        "storage.data.dir=" + dataDir,
        "storage.tiered.enabled=true",
        "storage.tiered.auto.archive.enabled=false",
        "storage.tiered.local.cache.size.mb=" + CACHE_MIB,
        "storage.tiered.read.mode=stream",
        "storage.tiered.s3.endpoint=" + store.target().endpoint(),
        "storage.tiered.s3.bucket=" + store.target().bucket(),
        "storage.tiered.s3.prefix=" + PREFIX);
  }

  private List<Finding> run() throws Exception {
    Path log = workspace.file("broker.log");
    try (JavaChild broker =
        JavaChild.start(
            BrokerMain.class,
            List.of("-Xmx" + HEAP_MIB + "m"),
            overrides(),
            store.target().environment(),
            log)) {
      String bootstrap = broker.greeting().substring("ready ".length());
      BrokerClients clients = new BrokerClients(bootstrap);
      makeCold(broker, clients, WARM_UP, WARM_UPS, WARM_UP_BYTES);
      makeCold(broker, clients, COLD, options.brokerSegments(), options.brokerSegmentBytes());
      long lastLocal = clients.fill(LOCAL, 2 * LOCAL_BYTES, LOCAL_BYTES);
      store.delay(Defaults.FAR_MILLIS);
      Samples samples = new Samples(PART, Defaults.FAR_MILLIS);
      first(clients, WARM_UP, starts(broker, WARM_UP), new Samples(PART, Defaults.FAR_MILLIS));
      List<Long> cold = starts(broker, COLD);
      first(clients, COLD, cold, samples);
      List<Finding> findings = new ArrayList<>();
      findings.add(samples.finding(FIRST, "ms", Limit.atMost(MOST_FIRST_RECORD_MILLIS)));
      findings.add(samples.finding(REQUESTS, "", Limit.NONE));
      findings.add(samples.finding(MIDDLE, "ms", Limit.atMost(MOST_FIRST_RECORD_MILLIS)));
      try (LoadProcess producer = LoadProcess.start(bootstrap, workspace.file("producer.log"));
          LoadProcess load = LoadProcess.start(bootstrap, workspace.file("load.log"))) {
        findings.addAll(
            new ProduceTrial(producer, load, cold, List.of(0L, lastLocal), options).run());
      }
      broker.tell("heap");
      samples.add(HEAP, Long.parseLong(broker.nextLine(ANSWER_SECONDS)) / 1048576.0);
      findings.add(samples.finding(HEAP, "MiB", Limit.atMost(HEAP_MIB)));
      return findings;
    }
  }

  /** Fills segments of a topic, and a little more, and has them archived. */
  private void makeCold(
      JavaChild broker, BrokerClients clients, String topic, int segments, long segmentBytes)
      throws Exception {
    clients.fill(topic, segmentBytes, (long) ((segments + ACTIVE_SHARE) * segmentBytes));
    long deadline = System.nanoTime() + REGISTER_SECONDS * 1_000_000_000;
    broker.tell("segments " + topic);
    String known = broker.nextLine(ANSWER_SECONDS);
    while (Integer.parseInt(known) < segments && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL_NANOS);
      broker.tell("segments " + topic);
      known = broker.nextLine(ANSWER_SECONDS);
    }
    linkContents(topic);
    broker.tell("archive " + topic);
    String archived = broker.nextLine(ARCHIVE_SECONDS);
    if (Integer.parseInt(archived) < segments) {
      throw new IOException(
          "not archived: topic=" + topic + " expected=" + segments + " got=" + archived);
    }
  }

  private void linkContents(String topic) throws IOException {
    Path from = dataDir.resolve(topic + "-0");
    Path to = Files.createDirectories(contents.resolve(PREFIX).resolve(topic + "-0"));
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".log")).toList()) {
        Files.createLink(to.resolve(file.getFileName()), file);
      }
    }
  }

  private void first(BrokerClients clients, String topic, List<Long> starts, Samples into)
      throws IOException {
    for (int i = 0; i + 1 < starts.size(); i++) {
      boolean isMiddle = i % MIDDLE_EACH == 1;
      long offset = isMiddle ? (starts.get(i) + starts.get(i + 1)) / 2 : starts.get(i);
      long before = store.served().reads();
      double millis = clients.firstRecordMillis(topic, offset);
      long requests = store.served().reads() - before;
      into.add(isMiddle ? MIDDLE : FIRST, millis);
      if (!isMiddle) {
        into.add(REQUESTS, (double) requests);
      }
    }
  }

  /** The first offsets of the cold segments, and where the last of them ends. */
  private static List<Long> starts(JavaChild broker, String topic) throws IOException {
    broker.tell("starts " + topic);
    return Arrays.stream(broker.nextLine(ANSWER_SECONDS).split(" ", -1))
        .map(Long::parseLong)
        .toList();
  }
}
