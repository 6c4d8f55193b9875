package io.takhin.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.broker.server.ConsoleReader.Stats;
import io.takhin.broker.server.Records.Summary;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.QuietPorts;
import io.takhin.testkit.S3Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job with real processes, and what is left of it when they are killed. */
class SystemIT {
  private static final long MIB = 1 << 20;
  private static final String TOPIC = "t";
  private static final int COLD_AGE_SECONDS = 2;

  @TempDir Path dir;

  private Path data = Path.of("");
  private final Map<String, String> settings = new HashMap<>();

  @BeforeEach
  void shortAges() {
    data = dir.resolve("data");
    settings.put("storage.data.dir", data.toString());
    settings.put("storage.log.segment.bytes", Long.toString(MIB));
    settings.put("storage.tiered.enabled", "true");
    settings.put("storage.tiered.s3.endpoint", "embedded");
    settings.put("storage.tiered.s3.bucket", "takhin-test");
    settings.put("storage.tiered.warm.age.hours", hours(1));
    settings.put("storage.tiered.cold.age.hours", hours(COLD_AGE_SECONDS));
    settings.put("storage.tiered.archive.interval.minutes", "0.01");
    settings.put("broker.port", "0");
    settings.put("console.port", "0");
  }

  private static String hours(int seconds) {
    return String.format(Locale.ROOT, "%.8f", seconds / 3600.0);
  }

  private TakhinProcess start() throws IOException {
    return TakhinProcess.start(settings, dir.resolve("takhin.log"));
  }

  /** Puts a proxy between the broker and the tests' S3 server. */
  private FaultProxy throughProxy(String prefix) throws IOException {
    FaultProxy proxy = FaultProxy.start(EmbeddedS3Fixture.shared().endpoint());
    settings.put("storage.tiered.s3.endpoint", proxy.endpoint().toString());
    settings.put("storage.tiered.s3.bucket", EmbeddedS3Fixture.shared().bucket());
    settings.put("storage.tiered.s3.prefix", prefix.substring(0, prefix.length() - 1));
    return proxy;
  }

  private static Bucket bucket(String prefix) {
    EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
    return new Bucket(server.endpoint(), server.bucket(), prefix);
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(100));
  }

  /** Waits until all sealed segments are only in the bucket, which at least so many are. */
  private Stats awaitArchived(TakhinProcess takhin, long atLeast) {
    ConsoleReader console = new ConsoleReader(takhin.console());
    patiently()
        .untilAsserted(
            () ->
                assertThat(new LocalLogs(data, TOPIC).files())
                    .as("the active segments only")
                    .hasSize(Records.PARTITIONS));
    return patiently()
        .until(console::stats, stats -> stats.allArchived() && stats.total() >= atLeast);
  }

  private List<Path> files(Path below, String part) throws IOException {
    if (!Files.exists(below)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(below)) {
      return tree.filter(file -> file.getFileName().toString().contains(part)).toList();
    }
  }

  private List<Path> temporaries() throws IOException {
    return files(data.resolve(".restored"), ".part-");
  }

  @Test
  void everySealedSegmentLeavesTheDiskAndIsReadBackWithinTheCacheBudget() throws Exception {
    // Given
    long budgetMib = 8;
    settings.put("storage.tiered.local.cache.size.mb", Long.toString(budgetMib));
    settings.put("storage.tiered.read.mode", "restore");
    try (TakhinProcess takhin = start()) {
      ConsoleReader console = new ConsoleReader(takhin.console());
      Summary written = Records.write(takhin.bootstrapServers(), TOPIC, 40 * MIB, 1);

      // When
      Stats archived = awaitArchived(takhin, 36);

      // Then
      assertThat(archived.tiers()).isEqualTo(archived.total());
      assertThat(console.segments())
          .hasSize((int) archived.total())
          .allMatch(segment -> segment.get("is_archived").asBoolean());
      assertThat(
              console.segments().stream().mapToLong(each -> each.get("size_bytes").asLong()).sum())
          .isEqualTo(archived.totalBytes());

      // And when five times the budget is read
      CompletableFuture<Summary> reading =
          CompletableFuture.supplyAsync(() -> Records.read(takhin.bootstrapServers(), TOPIC));
      AtomicLong mostRestored = new AtomicLong();
      patiently()
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                mostRestored.accumulateAndGet(console.stats().restoredBytes(), Math::max);
                return reading.isDone();
              });

      // Then
      assertThat(reading.get()).isEqualTo(written);
      assertThat(mostRestored.get())
          .as("the budget is enforced while others come, so it is exceeded, but not by far")
          .isBetween(1L, 3 * budgetMib * MIB);
      patiently().until(console::stats, stats -> stats.restoredBytes() <= budgetMib * MIB);

      // And when it is killed
      List<ProcessHandle> children = takhin.children();
      assertThat(children).as("the embedded S3 server").isNotEmpty();
      takhin.kill();

      // Then
      for (ProcessHandle child : children) {
        assertThat(child.onExit().get(2, TimeUnit.MINUTES).isAlive()).isFalse();
      }
      try (TakhinProcess again = start()) {
        assertThat(Records.read(again.bootstrapServers(), TOPIC)).isEqualTo(written);
      }
    }
  }

  @Test
  void aKillInTheMiddleOfArchivingLosesNothingAndLeavesNothingBehind() throws Exception {
    String prefix = EmbeddedS3Fixture.shared().freshPrefix();
    settings.put("storage.log.segment.bytes", Long.toString(6 * MIB));
    settings.put("storage.tiered.transfer.part.size.mb", "5");
    try (FaultProxy proxy = throughProxy(prefix);
        Bucket bucket = bucket(prefix)) {
      Summary written;
      // Given some segments in the bucket, and others half way there
      Fault stuck = proxy.on(S3Operation.UPLOAD_PART).skip(5).hangUpload(100_000);
      try (TakhinProcess takhin = start()) {
        ConsoleReader console = new ConsoleReader(takhin.console());
        written = Records.write(takhin.bootstrapServers(), TOPIC, 52 * MIB, 2);
        Stats before =
            patiently()
                .until(
                    console::stats,
                    stats ->
                        stuck.fired() > 0
                            && stats.archived() > 0
                            && stats.inState("uploading") > 0
                            && stats.inState("local") > 0);
        assertThat(bucket.pendingUploads()).as("at %s", before).isNotEmpty();

        // When
        takhin.kill();
      }
      stuck.release();

      // Then
      try (TakhinProcess again = start()) {
        awaitArchived(again, 8);
        patiently()
            .untilAsserted(
                () -> {
                  assertThat(Set.copyOf(bucket.keys())).isEqualTo(bucket.named());
                  assertThat(bucket.pendingUploads()).isEmpty();
                });
        assertThat(Records.read(again.bootstrapServers(), TOPIC)).isEqualTo(written);
      }
      proxy.assertAllFired();
    }
  }

  @Test
  void aConsumerReadsOnAcrossAKillInTheMiddleOfARestore() throws Exception {
    settings.put("broker.port", Integer.toString(QuietPorts.take())); // It comes back there.
    settings.put("storage.tiered.read.mode", "restore");
    String prefix = EmbeddedS3Fixture.shared().freshPrefix();
    try (FaultProxy proxy = throughProxy(prefix)) {
      Summary written;
      CompletableFuture<Summary> reading;
      Fault stuck;
      // Given a consumer that has got some segments, and waits for one that is half way here
      try (TakhinProcess takhin = start()) {
        written = Records.write(takhin.bootstrapServers(), TOPIC, 16 * MIB, 3);
        awaitArchived(takhin, 12);
        stuck =
            proxy
                .on(S3Operation.GET_OBJECT)
                .targets(target -> target.contains(".log"))
                .skip(5)
                .hangDownload(300_000);
        reading =
            CompletableFuture.supplyAsync(() -> Records.read(takhin.bootstrapServers(), TOPIC));
        ConsoleReader console = new ConsoleReader(takhin.console());
        patiently()
            .until(console::stats, stats -> stuck.fired() > 0 && stats.inState("restored") > 0);

        // When
        takhin.kill();
      }
      assertThat(temporaries()).as("a restore was under way").isNotEmpty();
      assertThat(reading).isNotDone();
      stuck.release();

      // Then
      try (TakhinProcess again = start()) {
        assertThat(reading.get(3, TimeUnit.MINUTES)).isEqualTo(written);
        assertThat(temporaries()).isEmpty();
        assertThat(Records.read(again.bootstrapServers(), TOPIC)).isEqualTo(written);
      }
      proxy.assertAllFired();
    }
  }

  @Test
  void aConsumerIsStreamedToAndReadsOnAcrossAKill() throws Exception {
    // Not auto, which restores what is read often: how often is asked again is up to the machine.
    settings.put("storage.tiered.read.mode", "stream");
    settings.put("broker.port", Integer.toString(QuietPorts.take())); // It comes back there.
    String prefix = EmbeddedS3Fixture.shared().freshPrefix();
    try (FaultProxy proxy = throughProxy(prefix)) {
      Summary written;
      CompletableFuture<Summary> reading;
      Fault stuck;
      // Given a consumer that has got some records, and waits for others
      try (TakhinProcess takhin = start()) {
        written = Records.write(takhin.bootstrapServers(), TOPIC, 16 * MIB, 7);
        awaitArchived(takhin, 12);
        stuck =
            proxy
                .on(S3Operation.GET_OBJECT)
                .targets(target -> target.contains(".log"))
                .skip(5)
                .hangDownload(300_000);
        reading =
            CompletableFuture.supplyAsync(() -> Records.read(takhin.bootstrapServers(), TOPIC));
        patiently().until(() -> stuck.fired() > 0);

        // When
        takhin.kill();
      }
      assertThat(reading).isNotDone();
      stuck.release();

      // Then it goes on, and what was fetched before the kill is not fetched again
      try (TakhinProcess again = start()) {
        assertThat(reading.get(3, TimeUnit.MINUTES)).isEqualTo(written);
        long before = proxy.traffic().requests(S3Operation.GET_OBJECT);
        assertThat(Records.read(again.bootstrapServers(), TOPIC)).isEqualTo(written);
        assertThat(proxy.traffic().requests(S3Operation.GET_OBJECT)).isEqualTo(before);
        assertThat(new ConsoleReader(again.console()).stats().restoredBytes()).isZero();
        assertThat(files(data.resolve(".chunks"), ".slab")).isNotEmpty();
      }
      proxy.assertAllFired();
    }
  }

  @Test
  void aRestoredSegmentIsNotUploadedAgainAndLeavesOnceItIsColdAgain() throws Exception {
    settings.put("storage.tiered.read.mode", "restore");
    String prefix = EmbeddedS3Fixture.shared().freshPrefix();
    try (FaultProxy proxy = throughProxy(prefix);
        TakhinProcess takhin = start()) {
      // Given
      ConsoleReader console = new ConsoleReader(takhin.console());
      Summary written = Records.write(takhin.bootstrapServers(), TOPIC, 8 * MIB, 4);
      Stats archived = awaitArchived(takhin, 4);
      proxy.resetTraffic();

      Stays stays = new Stays();
      stays.look(console);

      // When
      CompletableFuture<Summary> reading =
          CompletableFuture.supplyAsync(() -> Records.read(takhin.bootstrapServers(), TOPIC));
      patiently()
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                boolean isRead = reading.isDone();
                stays.look(console);
                return isRead && stays.areOver();
              });

      // Then
      assertThat(reading.get()).isEqualTo(written);
      assertThat(stays.shortest())
          .as("policy runs that left it here, one each 0.6 s")
          .isGreaterThan(Duration.ofMillis(COLD_AGE_SECONDS * 1000 - 100));
      awaitArchived(takhin, archived.total());
      assertThat(console.stats().uploads()).isEqualTo(archived.uploads());
      assertThat(proxy.traffic().requests(S3Operation.PUT_OBJECT)).isZero();
      assertThat(proxy.traffic().requests(S3Operation.UPLOAD_PART)).isZero();
      assertThat(proxy.traffic().requests(S3Operation.GET_OBJECT))
          .isGreaterThanOrEqualTo(archived.total());
      assertThat(files(data.resolve(".restored"), ".log")).isEmpty();
    }
  }

  /**
   * How long restored segments stay, seen from outside: from the last look that did not find one to
   * the first that does not find it any more, so rather too long than too short, however slow the
   * machine is.
   */
  private static final class Stays {
    private final Map<String, Long> awayAtNanos = new HashMap<>();
    private final Map<String, Long> hereSinceNanos = new HashMap<>();
    private long shortestNanos = Long.MAX_VALUE;

    void look(ConsoleReader console) throws IOException {
      long beganNanos = System.nanoTime();
      for (JsonNode segment : console.segments()) {
        String path = segment.get("segment_path").asText();
        if (segment.get("state").asText().equals("restored")) {
          hereSinceNanos.putIfAbsent(path, awayAtNanos.getOrDefault(path, beganNanos));
          continue;
        }
        Long since = hereSinceNanos.remove(path);
        if (since != null) {
          shortestNanos = Math.min(shortestNanos, System.nanoTime() - since);
        }
        awayAtNanos.put(path, beganNanos);
      }
    }

    /** Whether some have come, and all have left. */
    boolean areOver() {
      return shortestNanos < Long.MAX_VALUE && hereSinceNanos.isEmpty();
    }

    Duration shortest() {
      return Duration.ofNanos(shortestNanos);
    }
  }

  @Test
  void aDeletedTopicLeavesTheBucketAndItsNameCanBeUsedAgain() throws Exception {
    String prefix = EmbeddedS3Fixture.shared().freshPrefix();
    try (FaultProxy proxy = throughProxy(prefix);
        Bucket bucket = bucket(prefix);
        TakhinProcess takhin = start()) {
      // Given
      Records.write(takhin.bootstrapServers(), TOPIC, 8 * MIB, 5);
      Stats archived = awaitArchived(takhin, 4);
      assertThat(bucket.manifests()).hasSize((int) archived.total());

      // When
      Records.deleteTopic(takhin.bootstrapServers(), TOPIC);

      // Then
      patiently().until(bucket::keys, List::isEmpty);
      ConsoleReader console = new ConsoleReader(takhin.console());
      patiently().until(console::stats, stats -> stats.total() == 0 && stats.unfinished() == 0);

      // And when
      Summary written = Records.write(takhin.bootstrapServers(), TOPIC, 6 * MIB, 6);

      // Then
      Stats again = awaitArchived(takhin, 4);
      assertThat(bucket.manifests()).hasSize((int) again.total());
      assertThat(Records.read(takhin.bootstrapServers(), TOPIC)).isEqualTo(written);
      assertThat(proxy.traffic().requests(S3Operation.DELETE_OBJECT)).isPositive();
    }
  }
}
