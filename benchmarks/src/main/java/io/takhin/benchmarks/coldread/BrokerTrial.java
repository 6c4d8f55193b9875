package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.benchmarks.transfer.JavaChild;
import io.takhin.benchmarks.transfer.Target;
import io.takhin.benchmarks.transfer.Workspace;
import io.takhin.embedded.s3.EmbeddedS3;
import io.takhin.embedded.s3.EmbeddedS3Options;
import io.takhin.testkit.FaultProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Ordinary Kafka clients on a broker whose segments lie in the embedded S3 server, behind a proxy
 * that lets each request wait. The broker is a process with a small heap.
 *
 * <p>First, a consumer begins at the first record of segment after segment that nobody has read, or
 * in the middle of it. Then a producer sends at a steady rate, in turn with nobody else, with four
 * consumers that read cold data as fast as they can, and with four that read local data so.
 */
final class BrokerTrial {
  private static final String PART = "broker";
  private static final String BUCKET = "cold-read";
  private static final int HEAP_MIB = 256;
  private static final int CACHE_MIB = 256;
  private static final int WARM_UPS = 2;

  /** Of the segments that are left, one in so many is begun in the middle. */
  private static final int MIDDLE_EACH = 3;

  private static final long POLL_NANOS = 200_000_000;
  private static final int READERS = 4;
  private static final long PATIENCE_SECONDS = 900;
  private static final long ANSWER_SECONDS = 60;
  private static final double MOST_FIRST_RECORD_MILLIS = 150;
  private static final double MOST_P99_RATIO = 1.2;

  private static final String FIRST = "first record of a cold segment";
  private static final String MIDDLE = "a record in the middle of a cold segment";
  private static final String ALONE = "produce p99 without readers";
  private static final String BESIDE = "produce p99 beside four cold readers";
  private static final String BESIDE_LOCAL = "produce p99 beside four local readers";
  private static final String LOCAL_RATE = "four local readers together";
  private static final String REQUESTS = "requests to the store for the first";
  private static final String RATIO = "produce p99 beside cold readers / without, round by round";
  private static final String RATIO_LOCAL =
      "produce p99 beside local readers / without, round by round";
  private static final String COLD_RATE = "four cold readers together";
  private static final String HEAP = "broker's heap after a collection, -Xmx" + HEAP_MIB + "m";

  private final JavaChild broker;
  private final BrokerClients clients;
  private final Options options;

  private BrokerTrial(JavaChild broker, Options options) {
    this.broker = broker;
    this.options = options;
    this.clients = new BrokerClients(broker.greeting().substring("ready ".length()));
  }

  static List<Finding> run(Workspace workspace, Options options) throws Exception {
    Path s3 = workspace.newDirectory("s3-");
    Path data = workspace.newDirectory("broker-");
    Path log = workspace.file("broker.log");
    try (EmbeddedS3 server = EmbeddedS3.start(EmbeddedS3Options.onFreePort(s3, BUCKET));
        FaultProxy proxy = FaultProxy.start(server.endpoint())) {
      Target target = Target.unchecked("embedded S3", proxy.endpoint(), BUCKET);
      try (JavaChild broker =
          JavaChild.start(
              BrokerMain.class,
              List.of("-Xmx" + HEAP_MIB + "m"),
              overrides(proxy, data),
              target.environment(),
              log)) {
        return new BrokerTrial(broker, options).run(proxy);
      }
    } finally {
      Workspace.remove(s3);
      Workspace.remove(data);
    }
  }

  private static List<String> overrides(FaultProxy proxy, Path data) {
    return List.of(
        "broker.port=0",
        "console.port=0",
        "storage.data.dir=" + data,
        "storage.tiered.enabled=true",
        "storage.tiered.warm.age.hours=0",
        "storage.tiered.cold.age.hours=0",
        "storage.tiered.archive.interval.minutes=0.01",
        "storage.tiered.local.cache.size.mb=" + CACHE_MIB,
        "storage.tiered.read.mode=stream",
        "storage.tiered.s3.endpoint=" + proxy.endpoint(),
        "storage.tiered.s3.bucket=" + BUCKET);
  }

  private List<Finding> run(FaultProxy proxy) throws Exception {
    int segments = WARM_UPS + options.segments();
    long last = clients.fill(segments, options.brokerSegmentBytes());
    awaitCold(segments);
    List<Long> cold = starts();
    List<Long> local = List.of(cold.get(cold.size() - 1), last);
    proxy.on().latency(Duration.ofMillis(Defaults.FAR_MILLIS));
    Samples samples = new Samples(PART, Defaults.FAR_MILLIS);
    for (int i = 0; i < segments; i++) {
      boolean isMiddle = i % MIDDLE_EACH == 1;
      long offset = isMiddle ? (cold.get(i) + cold.get(i + 1)) / 2 : cold.get(i);
      long before = proxy.traffic().totalRequests();
      double millis = clients.firstRecordMillis(offset);
      long requests = proxy.traffic().totalRequests() - before;
      if (i >= WARM_UPS) {
        samples.add(isMiddle ? MIDDLE : FIRST, millis);
        if (!isMiddle) {
          samples.add(REQUESTS, (double) requests);
        }
      }
    }
    clients.produceP99Millis(); // warms up
    for (int round = 0; round < options.rounds(); round++) {
      double alone = clients.produceP99Millis();
      double besideLocal;
      try (BusyReaders readers = BusyReaders.start(clients, READERS, local)) {
        besideLocal = clients.produceP99Millis();
        samples.add(LOCAL_RATE, readers.megabytesPerSecond());
      }
      double beside;
      try (BusyReaders readers = BusyReaders.start(clients, READERS, cold)) {
        beside = clients.produceP99Millis();
        samples.add(COLD_RATE, readers.megabytesPerSecond());
      }
      samples.add(ALONE, alone);
      samples.add(BESIDE, beside);
      samples.add(BESIDE_LOCAL, besideLocal);
      samples.add(RATIO, beside / alone);
      samples.add(RATIO_LOCAL, besideLocal / alone);
    }
    broker.tell("heap");
    samples.add(HEAP, Long.parseLong(broker.nextLine(ANSWER_SECONDS)) / 1048576.0);
    return List.of(
        samples.finding(FIRST, "ms", Limit.atMost(MOST_FIRST_RECORD_MILLIS)),
        samples.finding(REQUESTS, "", Limit.NONE),
        samples.finding(MIDDLE, "ms", Limit.atMost(MOST_FIRST_RECORD_MILLIS)),
        samples.finding(ALONE, "ms", Limit.NONE),
        samples.finding(BESIDE, "ms", Limit.NONE),
        samples.finding(BESIDE_LOCAL, "ms", Limit.NONE),
        samples.finding(RATIO, "×", Limit.atMost(MOST_P99_RATIO)),
        samples.finding(RATIO_LOCAL, "×", Limit.NONE),
        samples.finding(COLD_RATE, "MB/s", Limit.NONE),
        samples.finding(LOCAL_RATE, "MB/s", Limit.NONE),
        samples.finding(HEAP, "MiB", Limit.atMost(HEAP_MIB)));
  }

  /** The first offsets of the cold segments, and where the last of them ends. */
  private List<Long> starts() throws IOException {
    broker.tell("starts");
    return Arrays.stream(broker.nextLine(ANSWER_SECONDS).split(" ", -1))
        .map(Long::parseLong)
        .toList();
  }

  private void awaitCold(int wanted) throws Exception {
    long deadline = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000;
    String answer = "";
    while (System.nanoTime() < deadline) {
      broker.tell("segments");
      answer = broker.nextLine(ANSWER_SECONDS);
      long[] counts = Arrays.stream(answer.split(" ", -1)).mapToLong(Long::parseLong).toArray();
      if (counts[0] >= wanted && counts[0] == counts[1]) {
        return;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException(
        "not archived within " + PATIENCE_SECONDS + " s: expected=" + wanted + " got=" + answer);
  }
}
