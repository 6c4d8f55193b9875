package io.takhin.tiered.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.s3.S3Keeping.Encryption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the store is told of objects, as it goes over the wire. */
@Timeout(600)
final class S3KeepingTest {
  private static final ObjectKey KEY = new ObjectKey("topic-0/00000000000000000000.log");
  private static final int LARGE_BYTES = 128 << 10;
  private static final String CLASS = "x-amz-storage-class";
  private static final String SSE = "x-amz-server-side-encryption";
  private static final String KMS_KEY = "x-amz-server-side-encryption-aws-kms-key-id";
  private static final S3Keeping KMS =
      new S3Keeping(
          Optional.of(S3StorageClass.STANDARD_IA),
          Optional.of(new Encryption.WithKmsKey(Optional.of("alias/takhin"))));

  private ScriptedServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = new ScriptedServer();
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  @Test
  void aPutSaysClassAndKey() throws Exception {
    put(KMS, LARGE_BYTES);

    assertHeaders("STANDARD_IA", "aws:kms", "alias/takhin");
  }

  @Test
  void aMultipartUploadSaysThemWhenItBegins() throws Exception {
    server.then(new Begun());
    try (S3Store store = store(KMS)) {
      assertThat(store.startMultipart(KEY, PutOptions.BINARY).upload().uploadId()).isEqualTo("7");
    }

    assertHeaders("STANDARD_IA", "aws:kms", "alias/takhin");
  }

  @Test
  void aCopySaysThem() throws Exception {
    server.then(new Copied());
    try (S3Store store = store(KMS)) {
      StoredObject original =
          new StoredObject(
              KEY, LARGE_BYTES, Optional.empty(), "\"e\"", Instant.EPOCH, Map.of("a", "b"));
      CopySource source = store.copies().source(original);
      assertThat(store.copies().copy(source, new ObjectKey("copy")).sizeBytes())
          .isEqualTo(LARGE_BYTES);
    }

    assertHeaders("STANDARD_IA", "aws:kms", "alias/takhin");
  }

  @Test
  void theStoresOwnKeyNeedsNoName() throws Exception {
    put(new S3Keeping(Optional.empty(), Optional.of(new Encryption.WithStoreKey())), LARGE_BYTES);

    assertHeaders("", "AES256", "");
  }

  @Test
  void withoutAWishNothingIsSaid() throws Exception {
    put(S3Keeping.AS_THE_BUCKET_DOES, LARGE_BYTES);

    assertHeaders("", "", "");
  }

  @Test
  void whatWouldBeBilledAsLargerThanItIsStaysInTheBucketsClass() throws Exception {
    put(KMS, LARGE_BYTES - 1);

    assertHeaders("", "aws:kms", "alias/takhin");
  }

  @Test
  void aClassWithoutALeastSizeIsForAll() throws Exception {
    put(new S3Keeping(Optional.of(S3StorageClass.EXPRESS_ONEZONE), Optional.empty()), 1);

    assertHeaders("EXPRESS_ONEZONE", "", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GLACIER", "DEEP_ARCHIVE", "SNOW", "OUTPOSTS", "FSX_OPENZFS", "standard", ""})
  void classesThatAreNotReadAtOnceAreNone(String name) {
    assertThat(S3StorageClass.find(name)).isEmpty();
  }

  @Test
  void allOthersAreFoundByName() {
    assertThat(Arrays.stream(S3StorageClass.values()))
        .allSatisfy(found -> assertThat(S3StorageClass.find(found.name())).contains(found));
    assertThat(S3StorageClass.names()).startsWith("STANDARD, STANDARD_IA, ");
  }

  @Test
  void aBlankKeyIsRefused() {
    assertThatThrownBy(() -> new Encryption.WithKmsKey(Optional.of(" ")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("keyId: expected a value, got ' '");
  }

  private void put(S3Keeping keeping, int sizeBytes) throws Exception {
    server.then(ScriptedServer.status(200));
    ByteBuffer body = ByteBuffer.allocate(sizeBytes);
    try (S3Store store = store(keeping)) {
      assertThat(store.put(KEY, body, Crc32c.of(body), PutOptions.BINARY).sizeBytes())
          .isEqualTo(sizeBytes);
    }
  }

  private S3Store store(S3Keeping keeping) {
    return new S3Store(
        S3Options.at(server.endpoint(), "bucket", "us-east-1")
            .withKeys(new S3Options.StaticKeys("id", "secret-word"))
            .withKeeping(keeping));
  }

  private void assertHeaders(String storageClass, String encryption, String kmsKey) {
    assertThat(server.requests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.header(CLASS)).isEqualTo(storageClass);
              assertThat(request.header(SSE)).isEqualTo(encryption);
              assertThat(request.header(KMS_KEY)).isEqualTo(kmsKey);
            });
  }

  private record Begun() implements ScriptedServer.Answer {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public String body() {
      return "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><UploadId>7</UploadId>"
          + "</InitiateMultipartUploadResult>";
    }
  }

  private record Copied() implements ScriptedServer.Answer {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public String body() {
      return "<?xml version=\"1.0\"?><CopyObjectResult><ETag>\"e\"</ETag>"
          + "<LastModified>2026-01-01T00:00:00Z</LastModified></CopyObjectResult>";
    }
  }
}
