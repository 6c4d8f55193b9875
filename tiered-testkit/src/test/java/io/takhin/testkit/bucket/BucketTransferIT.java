package io.takhin.testkit.bucket;

import static io.takhin.testkit.bucket.Buckets.MIB;
import static io.takhin.testkit.bucket.Buckets.contents;
import static io.takhin.testkit.bucket.Buckets.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.LeavesObjects;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import io.takhin.tiered.transfer.bucket.BucketPrefix;
import io.takhin.tiered.transfer.bucket.BucketTransfer;
import io.takhin.tiered.transfer.bucket.BucketTransferOptions;
import io.takhin.tiered.transfer.bucket.TransferSummary;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transfers over connections that break and by servers that throttle. */
@LeavesObjects("what is moved here are objects of any kind, not segments")
final class BucketTransferIT {
  private static final BucketTransferOptions OPTIONS =
      BucketTransferOptions.defaults().withWorkers(4).withChunkSizeBytes(5 * MIB);

  private final EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
  private final String from = server.freshPrefix();
  private final String to = server.freshPrefix();
  private final S3Store direct = open(server.endpoint());
  private final FaultProxy proxy;
  private S3Store proxied;

  BucketTransferIT() throws Exception {
    proxy = FaultProxy.start(server.endpoint());
    proxied = open(proxy.endpoint());
  }

  @BeforeEach
  void fillTheSource() throws Exception {
    put(direct, from + "large", 12 * MIB);
    put(direct, from + "small", 300_000);
  }

  @AfterEach
  void close() throws Exception {
    direct.close();
    proxied.close();
    proxy.close();
  }

  @Test
  void aDownloadThatBreaksOffIsTakenUpWhereItBroke() throws Exception {
    Fault broken = proxy.on(S3Operation.GET_OBJECT).times(3).truncate(200_000);

    TransferSummary summary = run(proxied, direct, OPTIONS);

    assertThat(broken.fired()).isPositive();
    assertThat(summary.complete()).isTrue();
    assertThat(contents(direct, to)).isEqualTo(contents(direct, from));
  }

  @Test
  void aBurstOf503SlowsDownAndFailsNothing() throws Exception {
    proxy.on(S3Operation.PUT_OBJECT).times(2).slowDown();
    proxy.on(S3Operation.UPLOAD_PART).times(2).slowDown();
    proxy.on(S3Operation.COMPLETE_MULTIPART).times(1).slowDown();

    TransferSummary summary = run(direct, proxied, OPTIONS);

    proxy.assertAllFired();
    assertThat(summary.complete()).isTrue();
    assertThat(contents(direct, to)).isEqualTo(contents(direct, from));
    assertThat(direct.pendingUploads(to)).isEmpty();
  }

  @Test
  void anAnswerThatIsLostIsLookedUp() throws Exception {
    proxy.on(S3Operation.COPY_OBJECT).times(1).loseResponse();
    proxy.on(S3Operation.COMPLETE_MULTIPART).times(1).loseResponse();

    TransferSummary summary = run(proxied, proxied, OPTIONS.withCopyLimitBytes(5 * MIB));

    proxy.assertAllFired();
    assertThat(summary.complete()).isTrue();
    assertThat(summary.bytesCopiedInside()).isEqualTo(12 * MIB + 300_000);
    assertThat(summary.requests()).containsEntry("target.copy_part", 3L);
    assertThat(proxy.traffic().requests(S3Operation.COPY_PART)).isEqualTo(3);
    assertThat(contents(direct, to)).isEqualTo(contents(direct, from));
    assertThat(direct.pendingUploads(to)).isEmpty();
  }

  @Test
  void aCopyThatIsNeverAnsweredIsAskedForAgain() throws Exception {
    proxied.close();
    proxied = open(proxy.endpoint(), Duration.ofSeconds(5));
    proxy.on(S3Operation.COPY_OBJECT).times(1).latency(Duration.ofMinutes(10));
    proxy.on(S3Operation.COMPLETE_MULTIPART).times(1).latency(Duration.ofMinutes(10));

    TransferSummary summary = run(proxied, proxied, OPTIONS.withCopyLimitBytes(5 * MIB));

    proxy.assertAllFired();
    assertThat(summary.complete()).isTrue();
    assertThat(summary.duration()).isLessThan(Duration.ofMinutes(5));
    assertThat(contents(direct, to)).isEqualTo(contents(direct, from));
  }

  private TransferSummary run(S3Store source, S3Store target, BucketTransferOptions options)
      throws Exception {
    try (BucketTransfer transfer =
        new BucketTransfer(new BucketPrefix(source, from), new BucketPrefix(target, to), options)) {
      return transfer.run();
    }
  }

  private static S3Store open(URI endpoint) {
    return open(endpoint, Duration.ofMinutes(1));
  }

  private static S3Store open(URI endpoint, Duration patience) {
    return new S3Store(
        S3Options.at(endpoint, EmbeddedS3Fixture.shared().bucket(), "us-east-1")
            .withPatience(patience, 3)
            .withKeys(new S3Options.StaticKeys("any", "any")));
  }
}
