package io.takhin.testkit.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams from an S3 server in another process, with what passes counted on the way. */
@Timeout(600)
final class ColdReadScenarioIT {
  private static final int MIB = 1 << 20;
  private static final int LOG_BYTES = 12 * MIB;
  private static final SegmentId FIRST = SegmentId.of("access", 0, 0);
  private static final SegmentId SECOND = SegmentId.of("access", 0, 1000);

  private final Clock clock = Clock.systemUTC();
  private FaultProxy proxy;
  private ObjectStore store;
  private TieredStorageManager tiers;
  private byte[] first;
  private byte[] second;

  @BeforeEach
  void archiveTwo(@TempDir Path root) throws Exception {
    EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
    proxy = FaultProxy.start(server.endpoint());
    String folder = server.freshPrefix();
    store =
        new S3Store(
            S3Options.at(proxy.endpoint(), server.bucket(), "us-east-1")
                .withKeys(new S3Options.StaticKeys("test", "test")));
    TieredOptions options =
        TieredOptions.builder(root)
            .keyPrefix(folder.substring(0, folder.length() - 1))
            .archiveInterval(Duration.ofDays(1))
            .readMode(ReadMode.STREAM)
            .partSizeBytes(5 << 20)
            .build();
    tiers =
        TieredStorageManager.open(
            options, store, new DirectorySegments(root), new SimpleMeterRegistry(), clock);
    LogDirectory log = new LogDirectory(root);
    tiers.register(log.seal(FIRST, LOG_BYTES, clock.millis()));
    tiers.register(log.seal(SECOND, LOG_BYTES, clock.millis()));
    first = Files.readAllBytes(log.log(FIRST));
    second = Files.readAllBytes(log.log(SECOND));
    for (SegmentId id : List.of(FIRST, SECOND)) {
      assertThat(tiers.archive(id, "test").get().isArchived()).isTrue();
    }
    proxy.resetTraffic();
  }

  @AfterEach
  void close() throws Exception {
    tiers.close();
    store.close();
    proxy.close();
  }

  private byte[] read(SegmentId id, long position, int bytes) throws Exception {
    return bytesOf(tiers.reader(id).read(FileKind.LOG, position, bytes, bytes));
  }

  private static byte[] bytesOf(CompletableFuture<CachedRange> read) throws Exception {
    try (CachedRange range = read.get(3, TimeUnit.MINUTES)) {
      return bytesOf(range);
    }
  }

  private static byte[] bytesOf(CachedRange range) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(range.lengthBytes());
    range.readFully(0, bytes);
    return bytes.array();
  }

  @Test
  void hundredReadersOfOneColdSegmentCauseOneTransferOfEachChunk() throws Exception {
    // When they all come at once
    List<CompletableFuture<CachedRange>> readers = new ArrayList<>();
    for (int reader = 0; reader < 100; reader++) {
      readers.add(tiers.reader(FIRST).read(FileKind.LOG, 0, MIB, MIB));
    }

    // Then the server has sent the read index and the range, once
    for (CompletableFuture<CachedRange> reader : readers) {
      assertThat(bytesOf(reader)).isEqualTo(Arrays.copyOf(first, MIB));
    }
    assertThat(proxy.traffic().requests(S3Operation.GET_OBJECT)).isEqualTo(2);
    assertThat(proxy.traffic().bytesDown()).isBetween((long) MIB, MIB + 100_000L);
  }

  @Test
  void readerWhoGoesThroughCausesNoByteToBeSentTwice() throws Exception {
    for (int at = 0; at < first.length; at += MIB) {
      int bytes = Math.min(MIB, first.length - at);
      assertThat(read(FIRST, at, bytes)).isEqualTo(Arrays.copyOfRange(first, at, at + bytes));
    }
    for (int at = 0; at < second.length; at += MIB) {
      int bytes = Math.min(MIB, second.length - at);
      assertThat(read(SECOND, at, bytes)).isEqualTo(Arrays.copyOfRange(second, at, at + bytes));
    }

    double amplification = (double) proxy.traffic().bytesDown() / (first.length + second.length);
    assertThat(amplification).isBetween(1.0, 1.05);
  }

  @Test
  void connectionsThatBreakAndAnswersThatAreCutShortDoNotReachTheReader() throws Exception {
    // Given a server that resets a connection, and one that cuts a body short: the fourth, because
    // the first three are those of the first read, one of which is a small one
    Fault reset = proxy.on(S3Operation.GET_OBJECT).times(1).reset();
    Fault cut = proxy.on(S3Operation.GET_OBJECT).skip(3).times(1).truncate(200_000);

    // When some ranges are read
    Random random = new Random(11);
    for (int i = 0; i < 8; i++) {
      int position = random.nextInt(first.length - MIB);
      assertThat(read(FIRST, position, MIB))
          .isEqualTo(Arrays.copyOfRange(first, position, position + MIB));
    }

    // Then both have happened
    assertThat(reset.fired()).isEqualTo(1);
    assertThat(cut.fired()).isEqualTo(1);
  }
}
