package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.LeavesObjects;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A transfer that is killed three times at random moments ends with an identical set. Small enough
 * for every build; the long run is the same with {@code -Dtakhin.transfer.objects=2000
 * -Dtakhin.transfer.largest.mib=64}, and with {@code -Dtakhin.transfer.giant.mib=6144} there is one
 * object that is copied in parts inside the store. {@code -Dtakhin.transfer.seed} repeats a run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@LeavesObjects("what is moved here are objects of any kind, not segments")
final class TransferKillIT {
  private static final int OBJECTS = Integer.getInteger("takhin.transfer.objects", 120);
  private static final int LARGEST_MIB = Integer.getInteger("takhin.transfer.largest.mib", 12);
  private static final int GIANT_MIB = Integer.getInteger("takhin.transfer.giant.mib", 40);
  private static final long SEED = Long.getLong("takhin.transfer.seed", new Random().nextLong());
  private static final int WORKERS = 4;
  private static final int KILLS = 3;
  private static final int SMALLEST_BYTES = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final int FOLDERS = 7;

  /** Of the folder whose objects come last in key order. */
  private static final String LAST = "/t-" + (FOLDERS - 1) + "/";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path dir;

  private final EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
  private final String sourcePrefix = server.freshPrefix();
  private final Random random = new Random(SEED);
  private volatile boolean killing;
  private final S3Store store = open(server);

  @BeforeAll
  void fillTheSource() throws Exception {
    tell("seed " + SEED + ", " + OBJECTS + " objects up to " + LARGEST_MIB + " MiB");
    byte[] bytes = new byte[LARGEST_MIB * MIB];
    random.nextBytes(bytes);
    double span = Math.log((double) bytes.length / SMALLEST_BYTES);
    long sum = 0;
    for (int index = 0; index < OBJECTS; index++) {
      // The cube makes most of them small, as they are in buckets, and the largest still occur.
      double part = index == 0 ? 1 : Math.pow(random.nextDouble(), 3);
      int sizeBytes = (int) (SMALLEST_BYTES * Math.exp(part * span));
      int start = random.nextInt(bytes.length - sizeBytes + 1);
      ByteBuffer body = ByteBuffer.wrap(bytes, start, sizeBytes).slice();
      PutOptions options = new PutOptions(false, "text/plain", Map.of("index", "" + index));
      store.put(sourceKey(index), body, Crc32c.of(body), options);
      sum += sizeBytes;
    }
    putGiant();
    tell("source filled: " + sum / MIB + " MiB and one object of " + GIANT_MIB + " MiB");
  }

  @AfterAll
  void emptyTheSource() throws Exception {
    empty(sourcePrefix);
    store.close();
  }

  @Test
  void aStreamThatIsKilledThreeTimesEndsWithAnIdenticalSet() throws Exception {
    try (FaultProxy elsewhere = FaultProxy.start(server.endpoint())) {
      elsewhere
          .on(S3Operation.PUT_OBJECT, S3Operation.UPLOAD_PART)
          .targets(this::isHeld)
          .hangUpload(0);
      JsonNode summary = killedThreeTimes(server.endpoint(), elsewhere.endpoint());

      assertThat(summary.path("way").asText()).startsWith("stream");
      assertThat(summary.path("bytes_copied_inside").asLong()).isZero();
    }
  }

  @Test
  void aDirectTransferThatIsKilledThreeTimesMovesNoPayload() throws Exception {
    try (FaultProxy counted = FaultProxy.start(server.endpoint())) {
      counted.on(S3Operation.COPY_OBJECT).targets(this::isHeld).hangDownload(0);
      JsonNode summary = killedThreeTimes(counted.endpoint(), counted.endpoint());

      assertThat(summary.path("way").asText()).startsWith("direct");
      assertThat(summary.path("bytes_streamed").asLong()).isZero();
      assertThat(summary.path("bytes_downloaded").asLong()).isZero();
      assertThat(summary.path("bytes_uploaded").asLong()).isZero();
      // Of all four runs, by the wire: what is not a copy asks or tells, and carries no payload.
      assertThat(counted.traffic().requests())
          .doesNotContainKeys(
              S3Operation.GET_OBJECT, S3Operation.PUT_OBJECT, S3Operation.UPLOAD_PART)
          .containsKey(S3Operation.COPY_OBJECT);
      assertThat(counted.traffic().bytesUp()).isLessThan(MIB);
    }
  }

  /**
   * The last objects do not get through as long as the kills go on. So no run is over before its
   * kill, however late that comes; one that comes in time never meets them.
   */
  private boolean isHeld(String target) {
    return killing && target.contains(LAST);
  }

  private JsonNode killedThreeTimes(URI source, URI target) throws Exception {
    // Given
    String targetPrefix = server.freshPrefix();
    Path progressFile = dir.resolve("transfer.progress");
    Path output = dir.resolve("output");
    List<String> arguments =
        List.of(
            "s3://" + server.bucket() + "/" + sourcePrefix,
            "s3://" + server.bucket() + "/" + targetPrefix,
            "--source-endpoint=" + source,
            "--target-endpoint=" + target,
            "--workers=" + WORKERS,
            "--progress-file=" + progressFile,
            "--json");

    // When
    long begun = System.nanoTime();
    int done = 0;
    int notHeld = OBJECTS + 1 - OBJECTS / FOLDERS; // The giant is one more.
    killing = true;
    for (int kill = 1; kill <= KILLS; kill++) {
      int room = OBJECTS * kill / (KILLS + 1) - done;
      int until = Math.min(notHeld, done + 1 + random.nextInt(Math.max(1, room)));
      TransferProcess.start(output, arguments)
          .killWhenDone(progressFile, until, random.nextInt(50));
      done = (int) TransferProcess.doneLines(progressFile);
      tell("killed at " + done + " objects, " + pending(targetPrefix) + " uploads pending");
    }
    killing = false;
    JsonNode summary = last(TransferProcess.start(output, arguments).finish());
    tell("done in " + Duration.ofNanos(System.nanoTime() - begun).toSeconds() + " s: " + summary);

    // Then
    assertThat(contents(targetPrefix)).isEqualTo(contents(sourcePrefix));
    assertThat(pending(targetPrefix)).isZero();
    assertThat(progressFile).doesNotExist();
    assertThat(summary.path("complete").asBoolean()).isTrue();
    assertThat(summary.path("objects_skipped").asInt()).isGreaterThanOrEqualTo(done);
    assertThat(summary.path("objects_skipped").asInt() + summary.path("objects_copied").asInt())
        .isEqualTo(OBJECTS + 1);
    empty(targetPrefix);
    return summary;
  }

  /** First in key order, so that it is under way when the kills come. */
  private void putGiant() throws StoreException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(8 * MIB);
    Crc32c zerosSum = Crc32c.of(zeros);
    Multipart upload =
        store.startMultipart(new ObjectKey(sourcePrefix + "0-giant"), PutOptions.BINARY);
    List<Part> parts = new ArrayList<>();
    Crc32c sum = Crc32c.EMPTY;
    for (int number = 1; number <= GIANT_MIB / 8; number++) {
      parts.add(upload.putPart(number, zeros, zerosSum));
      sum = sum.combine(zerosSum, zeros.remaining());
    }
    upload.complete(parts, sum);
  }

  private ObjectKey sourceKey(int index) {
    return new ObjectKey(String.format("%st-%d/%08d.log", sourcePrefix, index % FOLDERS, index));
  }

  private int pending(String prefix) throws StoreException {
    return store.pendingUploads(prefix).size();
  }

  private Map<String, String> contents(String prefix) throws StoreException {
    Map<String, String> contents = new TreeMap<>();
    for (StoredObject listed : all(prefix)) {
      StoredObject head = store.head(listed.key()).orElseThrow();
      contents.put(
          listed.key().value().substring(prefix.length()),
          head.sizeBytes()
              + " "
              + head.checksum().orElseThrow()
              + " "
              + head.contentType().orElse("")
              + head.metadata());
    }
    return contents;
  }

  private List<StoredObject> all(String prefix) throws StoreException {
    List<StoredObject> all = new ArrayList<>();
    @Nullable ObjectKey after = null;
    List<StoredObject> page;
    do {
      page = store.list(prefix, after, 1000);
      all.addAll(page);
      after = all.isEmpty() ? null : all.get(all.size() - 1).key();
    } while (page.size() == 1000);
    return all;
  }

  private void empty(String prefix) throws StoreException {
    for (StoredObject object : all(prefix)) {
      store.delete(object.key());
    }
  }

  private static JsonNode last(List<String> lines) throws Exception {
    return JSON.readTree(lines.get(lines.size() - 1));
  }

  private static S3Store open(EmbeddedS3Fixture server) {
    return new S3Store(
        S3Options.at(server.endpoint(), server.bucket(), "us-east-1")
            .withPatience(Duration.ofMinutes(5), 1)
            .withKeys(new S3Options.StaticKeys("any", "any")));
  }

  /** On the console, so that a run that failed can be repeated with its seed. */
  private static void tell(String what) {
    System.out.println("TransferKillIT: " + what);
  }
}
