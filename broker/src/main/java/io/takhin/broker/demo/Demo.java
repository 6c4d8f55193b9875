package io.takhin.broker.demo;

import static io.takhin.broker.demo.DemoOptions.PARTITIONS;
import static io.takhin.broker.demo.DemoOptions.TOPIC;

import io.takhin.broker.cli.TextTable;
import io.takhin.broker.server.TakhinServer;
import io.takhin.tiered.TieredStats;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogStats;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.store.metered.StoreTraffic;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The way of real text through the tiers: produced, sealed, HOT → WARM → COLD, gone from the disk,
 * and read back. Runs on a broker that was started with {@link DemoConfig}.
 */
public final class Demo {
  private static final Duration TIERING_PATIENCE = Duration.ofMinutes(10);
  private static final Duration READ_PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(100);

  private final DemoOptions options;
  private final TakhinServer server;
  private final TieredStorageManager tiers;
  private final PrintWriter out;
  private final ProgressLine progress;

  public Demo(DemoOptions options, TakhinServer server, PrintWriter out) {
    this.options = options;
    this.server = server;
    this.tiers = server.tiers().orElseThrow();
    this.out = out;
    this.progress = new ProgressLine(out, options.terminal());
  }

  /** Runs all steps. Takes about a minute for 200 MB. */
  public DemoResult run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    RecordDigest produced = produce();
    long producedAt = System.nanoTime();
    CatalogStats cold = awaitCold();
    long coldAt = System.nanoTime();
    long localLogs = sealedLogsOnDisk();
    RecordDigest read = consume(produced.bytes());
    long readAt = System.nanoTime();
    StoreTraffic traffic = tiers.stats().traffic();
    return new DemoResult(
        produced.records(),
        produced.bytes(),
        cold.segments(),
        cold.archivedSegments(),
        localLogs,
        seconds(start, producedAt),
        seconds(producedAt, coldAt),
        seconds(coldAt, readAt),
        traffic.bytesUploaded(),
        traffic.bytesDownloaded(),
        traffic.requestsByOperation(),
        produced.finish(),
        read.finish());
  }

  private RecordDigest produce() throws IOException {
    step(1, "produce", "real text into topic '" + TOPIC + "', " + PARTITIONS + " partitions");
    String bootstrap = server.bootstrapServers();
    Producing.createTopic(bootstrap, TOPIC, PARTITIONS, options.segmentBytes());
    try (Corpus corpus =
        options.file().isPresent()
            ? Corpus.ofFile(options.file().get())
            : Corpus.ofDocuments(options.home())) {
      RecordDigest digest =
          Producing.run(
              bootstrap,
              TOPIC,
              PARTITIONS,
              corpus,
              options.bytes(),
              bytes -> progress.show(() -> "produced " + TextTable.bytes(bytes) + tierText()));
      progress.done(
          "produced "
              + TextTable.bytes(digest.bytes())
              + " in "
              + digest.records()
              + " records"
              + tierText());
      return digest;
    }
  }

  /** Waits until every sealed segment is only in the bucket; the active ones stay. */
  private CatalogStats awaitCold() throws IOException, InterruptedException {
    step(2, "tiers", "sealed segments go HOT → WARM → COLD; the active one of a partition stays");
    long deadline = System.nanoTime() + TIERING_PATIENCE.toNanos();
    while (true) {
      TieredStats stats = tiers.stats();
      CatalogStats catalog = stats.catalog();
      progress.show(this::tierLine);
      if (catalog.segments() > 0
          && catalog.archivedSegments() == catalog.segments()
          && sealedLogsOnDisk() == 0) {
        progress.done(tierLine());
        return catalog;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "segments not archived within "
                + TIERING_PATIENCE.toMinutes()
                + " minutes: archived="
                + catalog.archivedSegments()
                + " sealed="
                + catalog.segments()
                + " store="
                + stats.store());
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  private RecordDigest consume(long bytes) throws IOException {
    step(3, "read", "everything from offset 0 with the Kafka consumer; it is streamed from S3");
    RecordDigest digest =
        Consuming.run(
            server.bootstrapServers(),
            TOPIC,
            PARTITIONS,
            READ_PATIENCE,
            read ->
                progress.show(
                    () -> "read " + TextTable.bytes(read) + " of " + TextTable.bytes(bytes)));
    progress.done(
        "read "
            + TextTable.bytes(digest.bytes())
            + " in "
            + digest.records()
            + " records, "
            + TextTable.bytes(tiers.stats().traffic().bytesDownloaded())
            + " fetched from S3");
    return digest;
  }

  /** Log files in the topic's directories, less the active one of each. */
  private long sealedLogsOnDisk() throws IOException {
    long sealed = 0;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      Path directory = options.dir().resolve(new PartitionId(TOPIC, partition).directory());
      try (Stream<Path> files = Files.list(directory)) {
        long logs = files.filter(file -> file.toString().endsWith(".log")).count();
        sealed += Math.max(0, logs - 1);
      }
    }
    return sealed;
  }

  private String tierText() {
    CatalogStats stats = tiers.stats().catalog();
    return String.format(
        Locale.ROOT,
        "  HOT %d  WARM %d  COLD %d",
        stats.byTier().get(Tier.HOT),
        stats.byTier().get(Tier.WARM),
        stats.byTier().get(Tier.COLD));
  }

  private String tierLine() {
    CatalogStats stats = tiers.stats().catalog();
    return String.format(
        Locale.ROOT,
        "HOT %d  WARM %d  COLD %d  |  %d of %d only in S3  |  on disk %s, in S3 %s",
        stats.byTier().get(Tier.HOT),
        stats.byTier().get(Tier.WARM),
        stats.byTier().get(Tier.COLD),
        stats.archivedSegments(),
        stats.segments(),
        TextTable.bytes(stats.localBytes()),
        TextTable.bytes(stats.remoteBytes()));
  }

  private void step(int number, String name, String what) {
    out.printf("[%d/4] %-8s %s%n", number, name, what);
    out.flush();
  }

  private static double seconds(long fromNanos, long toNanos) {
    return Math.round((toNanos - fromNanos) / 1e8) / 10.0;
  }
}
