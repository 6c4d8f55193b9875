package io.takhin.benchmarks.kafka;

import io.takhin.benchmarks.kafka.Clients.Consumed;
import io.takhin.benchmarks.kafka.Clients.Topic;
import io.takhin.benchmarks.kafka.Series.Work;
import io.takhin.benchmarks.transfer.ProcFs;
import io.takhin.benchmarks.transfer.SinkTaken;
import io.takhin.benchmarks.transfer.StoreProcess;
import io.takhin.benchmarks.transfer.StoreServed;
import io.takhin.benchmarks.transfer.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One number of partitions. A node without tiered storage is filled once and read, which is the
 * limit. In each round each plugin in turn gets a node over a copy of that data: the topic is made
 * a tiered one, which copies it; when the node's disk has been freed, the node is stopped and
 * started again, so that nothing of it is in any cache, and a consumer reads it all. Before each of
 * the two, the same is done with a small topic, so that the code is warm.
 */
final class Trial {
  static final String LOCAL = "the node's disk";

  private static final int WARM_UP_SEGMENT_BYTES = 8 << 20;
  private static final long WARM_UP_BYTES = 48L << 20;
  private static final long POLL_NANOS = 50_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Options options;
  private final Workspace workspace;
  private final StoreProcess sink;
  private final Node.Kind kind;
  private final Clients clients;
  private final Topic topic;
  private final Topic warmUp;
  private final Report report;

  Trial(
      Options options,
      Workspace workspace,
      StoreProcess sink,
      Node.Kind kind,
      int partitions,
      Report report) {
    this.options = options;
    this.workspace = workspace;
    this.sink = sink;
    this.kind = kind;
    this.clients = new Clients(kind.bootstrap());
    this.topic =
        new Topic("cold", partitions, options.totalBytes() / partitions, options.segmentBytes());
    this.warmUp = new Topic("warm-up", 1, WARM_UP_BYTES, WARM_UP_SEGMENT_BYTES);
    this.report = report;
  }

  void run(Path root) throws Exception {
    Path filled = workspace.newDirectory("pristine-");
    fill(filled);
    Pristine pristine = new Pristine(workspace, filled);
    for (int round = 0; round < options.rounds(); round++) {
      for (long delayMillis : options.delaysMillis()) {
        for (String name : options.contenders()) {
          KafkaBenchmarks.progress(
              topic.partitions() + " partitions, +" + delayMillis + " ms, " + name);
          Contender contender = Contender.of(name, root, sink.target());
          Path directory = pristine.copy();
          once(contender, directory, delayMillis);
          sink.clear();
          Workspace.remove(directory);
        }
      }
    }
    Workspace.remove(filled);
  }

  private void fill(Path directory) throws Exception {
    KafkaBenchmarks.progress("filling " + topic);
    Node.format(kind, directory);
    try (Node node = Node.start(kind, directory, Map.of())) {
      clients.fill(warmUp);
      clients.fill(topic);
      Consumed unused = clients.consume(warmUp, PATIENCE);
      for (int round = 0; round < options.rounds(); round++) {
        report.add(
            new Series(Work.LOCAL_READ, topic.partitions(), -1, LOCAL), read(node, PATIENCE));
      }
    }
  }

  private void once(Contender contender, Path directory, long delayMillis) throws Exception {
    Map<String, String> settings = contender.brokerSettings(directory.resolve("plugin"));
    Series copies = new Series(Work.COPY, topic.partitions(), delayMillis, contender.name());
    Series reads = new Series(Work.COLD_READ, topic.partitions(), delayMillis, contender.name());
    sink.delay(0);
    try (Node node = Node.start(kind, directory, settings)) {
      clients.tier(warmUp);
      awaitFreed(node, warmUp);
      sink.delay(delayMillis);
      report.add(copies, copy(node));
      sink.delay(0);
    }
    try (Node node = Node.start(kind, directory, settings)) {
      Consumed unused = clients.consume(warmUp, PATIENCE);
      sink.delay(delayMillis);
      report.add(reads, read(node, Duration.ofSeconds(options.atMostSeconds())));
      sink.delay(0);
    }
  }

  private Sample copy(Node node) throws Exception {
    sink.begin();
    ProcFs.resetPeak(node.pid());
    long cpuNanos = ProcFs.cpuNanos(node.pid());
    long bytesBefore = localBytes(node);
    clients.tier(topic);
    awaitFreed(node, topic);
    SinkTaken taken = sink.taken();
    double gigabytes = (bytesBefore - localBytes(node)) / 1e9;
    return new Sample(
        gigabytes * 1e6 / taken.busyMillis(),
        (ProcFs.cpuNanos(node.pid()) - cpuNanos) / 1e9 / gigabytes,
        taken.requests() / gigabytes,
        taken.bytes() / 1e9 / gigabytes,
        ProcFs.peakRssBytes(node.pid()) / 1048576.0);
  }

  private long localBytes(Node node) throws IOException {
    long bytes = 0;
    for (int partition = 0; partition < topic.partitions(); partition++) {
      bytes += node.localLogBytes(topic.name(), partition);
    }
    return bytes;
  }

  /** All but the active segments is in the store, and nowhere else. */
  private void awaitFreed(Node node, Topic tiered) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (int partition = 0; partition < tiered.partitions(); partition++) {
      long bytes = node.localLogBytes(tiered.name(), partition);
      while (bytes > tiered.segmentBytes()) {
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "not freed within " + PATIENCE + ": " + tiered + " partition=" + partition);
        }
        LockSupport.parkNanos(POLL_NANOS);
        bytes = node.localLogBytes(tiered.name(), partition);
      }
    }
  }

  private Sample read(Node node, Duration atMost) throws IOException {
    StoreServed before = sink.served();
    sink.begin();
    ProcFs.resetPeak(node.pid());
    long cpuNanos = ProcFs.cpuNanos(node.pid());
    Consumed consumed = clients.consume(topic, atMost);
    double cpuSeconds = (ProcFs.cpuNanos(node.pid()) - cpuNanos) / 1e9;
    StoreServed served = sink.served().since(before);
    KafkaBenchmarks.progress(
        String.format(
            "read %d MiB in %d ms",
            consumed.bytes() >> 20, TimeUnit.NANOSECONDS.toMillis(consumed.nanos())));
    return new Sample(
        consumed.megabytesPerSecond(),
        cpuSeconds / consumed.gigabytes(),
        sink.taken().requests() / consumed.gigabytes(),
        served.bytes() / (double) consumed.bytes(),
        ProcFs.peakRssBytes(node.pid()) / 1048576.0);
  }
}
