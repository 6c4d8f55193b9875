package io.takhin.testkit.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.LeavesObjects;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectWriter;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.RangedDownloader;
import io.takhin.tiered.transfer.TransferEngine;
import io.takhin.tiered.transfer.TransferOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes wrong on the way to and from a real server. Afterwards nothing is pending in the bucket
 * and nothing temporary on disk, whatever the outcome.
 */
@LeavesObjects("single files travel here, not segments")
@Timeout(600)
final class TransferFaultIT {
  private static final int MIB = 1 << 20;
  private static final int SIZE = 23 * MIB + 5;
  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final Duration PATIENT = Duration.ofSeconds(30);

  @TempDir Path directory;
  private FaultProxy proxy;
  private ObjectStore direct;
  private S3Store store;
  private TransferEngine engine;
  private ObjectKey key;
  private String prefix;

  @BeforeEach
  void start() throws IOException {
    EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
    prefix = server.freshPrefix();
    key = new ObjectKey(prefix + "t-0/00000000000000000000.log");
    proxy = FaultProxy.start(server.endpoint());
    direct = store(server.endpoint(), LEASE);
    open(LEASE);
  }

  private void open(Duration lease) {
    store = store(proxy.endpoint(), lease);
    engine =
        new TransferEngine(
            store, new TransferOptions(5 * MIB, 4), new SimpleMeterRegistry(), Clock.systemUTC());
  }

  private static S3Store store(URI endpoint, Duration lease) {
    return new S3Store(
        S3Options.at(endpoint, EmbeddedS3Fixture.shared().bucket(), "us-east-1")
            .withKeys(new S3Options.StaticKeys("test", "test"))
            .withPatience(lease, 2));
  }

  @AfterEach
  void leavesNothingBehind() throws IOException {
    try {
      proxy.assertAllFired();
      assertThat(engine.running()).isEmpty();
      assertThat(direct.pendingUploads(prefix)).isEmpty();
      assertThat(directory).isDirectoryNotContaining("glob:**.part-*");
    } finally {
      engine.close();
      store.close();
      direct.close();
      proxy.close();
    }
  }

  private static byte[] content(int seed) {
    byte[] content = new byte[SIZE];
    new Random(seed).nextBytes(content);
    return content;
  }

  private Path file() throws IOException {
    return Files.write(directory.resolve("source"), content(1));
  }

  private ObjectProof upload() throws IOException {
    return engine.upload(file(), key, PutOptions.BINARY, Purpose.background("archive"));
  }

  private ObjectProof stored() throws IOException {
    byte[] content = content(1);
    Crc32c crc = Crc32c.of(ByteBuffer.wrap(content));
    direct.put(key, ByteBuffer.wrap(content), crc, PutOptions.BINARY);
    return new ObjectProof(key, SIZE, crc);
  }

  private Path download(ObjectProof proof) throws IOException {
    Path target = directory.resolve("target");
    RangedDownloader.place(engine.fetch(proof, target, Purpose.foreground("fetch")), target);
    return target;
  }

  @Test
  void partThatFailsAbortsTheUpload() throws IOException {
    proxy.on(S3Operation.UPLOAD_PART).skip(1).refuse(500, "Internal Error", "InternalError");

    assertThatThrownBy(this::upload)
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("put part")
        .hasMessageContaining("key=" + key);

    assertThat(direct.head(key)).isEmpty();
  }

  @Test
  void uploadThatHangsIsSentAgainOnAnotherConnection() throws IOException {
    proxy.on(S3Operation.UPLOAD_PART).times(1).hangUpload(300_000);

    ObjectProof proof = upload();

    assertThat(direct.head(key).orElseThrow().checksum()).contains(proof.checksum());
    assertThat(store.strain().stalls()).isEqualTo(1);
    assertThat(store.strain().retries()).isEqualTo(1);
    assertThat(proxy.traffic().requests(S3Operation.UPLOAD_PART)).isEqualTo(6);
  }

  @Test
  void downloadThatHangsGoesOnOnAnotherConnection() throws IOException {
    ObjectProof proof = stored();
    proxy.on(S3Operation.GET_OBJECT).times(1).hangDownload(1_000_000);

    assertThat(download(proof)).hasBinaryContent(content(1));

    assertThat(store.strain().stalls()).isEqualTo(1);
    assertThat(proxy.traffic().requests(S3Operation.GET_OBJECT)).isEqualTo(6);
    assertThat(proxy.traffic().bytesDown()).isLessThan(SIZE + 2 * MIB);
  }

  @Test
  void downloadWhoseConnectionEndsEarlyGoesOn() throws IOException {
    ObjectProof proof = stored();
    proxy.on(S3Operation.GET_OBJECT).times(3).truncate(1_000_000);

    assertThat(download(proof)).hasBinaryContent(content(1));

    assertThat(store.strain().retries()).isEqualTo(3);
  }

  @Test
  void burstOfSlowDownsSlowsDownInsteadOfFailing() throws IOException {
    store.close();
    engine.close();
    open(PATIENT);
    proxy.on(S3Operation.UPLOAD_PART).times(3).slowDown();
    proxy.on(S3Operation.GET_OBJECT).times(2).slowDown();

    assertThat(download(upload())).hasBinaryContent(content(1));

    assertThat(store.strain().throttled()).isEqualTo(5);
  }

  @Test
  void objectThatChangesDuringItsDownloadIsNotMixed() throws IOException {
    ObjectProof proof = stored();
    Fault hang = proxy.on(S3Operation.GET_OBJECT).times(1).hangDownload(1_000_000);
    CompletableFuture<Path> download =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return download(proof);
              } catch (IOException e) {
                throw new CompletionException(e);
              }
            });
    await().until(() -> hang.fired() > 0);
    byte[] other = content(2);
    direct.put(key, ByteBuffer.wrap(other), Crc32c.of(ByteBuffer.wrap(other)), PutOptions.BINARY);

    assertThatThrownBy(download::join)
        .hasCauseInstanceOf(StoreException.PreconditionFailed.class)
        .hasMessageContaining("key=" + key);

    assertThat(directory.resolve("target")).doesNotExist();
  }

  @Test
  void lostAnswersDoNotLoseTheUpload() throws IOException {
    proxy.on(S3Operation.UPLOAD_PART).times(1).loseResponse();
    proxy.on(S3Operation.COMPLETE_MULTIPART).times(1).loseResponse();

    ObjectProof proof = upload();

    assertThat(direct.head(key).orElseThrow().checksum()).contains(proof.checksum());
  }

  @Test
  void writerSurvivesAResetAndAbortsWhenAbandoned() throws IOException {
    proxy.on(S3Operation.UPLOAD_PART).times(1).reset();
    ObjectKey abandoned = new ObjectKey(prefix + "abandoned");
    try (ObjectWriter writer =
        engine.writer(key, PutOptions.BINARY, Purpose.background("export"))) {
      writer.write(ByteBuffer.wrap(content(1)));
      assertThat(direct.head(key)).isEmpty();
      assertThat(writer.finish().checksum()).isEqualTo(stored().checksum());
    }
    try (ObjectWriter writer =
        engine.writer(abandoned, PutOptions.BINARY, Purpose.background("export"))) {
      writer.write(ByteBuffer.wrap(content(1)));
      writer.flush();
      assertThat(direct.pendingUploads(prefix)).hasSize(1);
    }
    assertThat(direct.head(abandoned)).isEmpty();
  }
}
