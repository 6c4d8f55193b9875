package io.takhin.testkit.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.embedded.s3.EmbeddedS3;
import io.takhin.embedded.s3.EmbeddedS3Options;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3StoreIT {
  private static final String BUCKET = "segments";
  private static final S3Options.StaticKeys KEYS = new S3Options.StaticKeys("any", "secret-word");
  private static final int PART_BYTES = 5 << 20;

  @TempDir static Path dir;
  private static EmbeddedS3 server;
  private static S3Store store;

  private final String prefix = UUID.randomUUID() + "/";

  @BeforeAll
  static void startServer() throws IOException {
    server = EmbeddedS3.start(EmbeddedS3Options.onFreePort(dir, BUCKET));
    store = new S3Store(options(BUCKET));
  }

  @AfterAll
  static void stopServer() {
    store.close();
    server.close();
  }

  @Test
  void keepsBytesChecksumAndMetadataOfWhatIsPut() throws Exception {
    // Given
    byte[] bytes = random(1, 300_000);
    ByteBuffer body = ByteBuffer.wrap(bytes);
    Crc32c checksum = Crc32c.of(body);
    PutOptions options = new PutOptions(false, "application/json", Map.of("writer", "takhin"));
    // When
    StoredObject put = store.put(key("a.log"), body, checksum, options);
    // Then
    StoredObject head = store.head(key("a.log")).orElseThrow();
    assertThat(head.checksum()).contains(checksum);
    assertThat(head.sizeBytes()).isEqualTo(bytes.length).isEqualTo(put.sizeBytes());
    assertThat(head.etag()).isEqualTo(put.etag());
    assertThat(head.metadata()).isEqualTo(Map.of("writer", "takhin")).isEqualTo(put.metadata());
    assertThat(Duration.between(put.lastModified(), Instant.now()).abs())
        .isLessThan(Duration.ofMinutes(1));
    assertThat(read("a.log", 0, bytes.length)).isEqualTo(bytes);
    assertThat(body.remaining()).isEqualTo(bytes.length);
  }

  @Test
  void sendsTheRemainingBytesOfADirectBuffer() throws Exception {
    // Given
    byte[] bytes = random(2, 10_000);
    ByteBuffer body = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    body.position(100).limit(9_000);
    // When
    store.put(key("direct.log"), body, Crc32c.of(body), PutOptions.BINARY);
    // Then
    assertThat(ByteBuffer.wrap(read("direct.log", 0, 8_900)))
        .isEqualTo(ByteBuffer.wrap(bytes, 100, 8_900));
    assertThat(body.position()).isEqualTo(100);
  }

  @Test
  void putsAnEmptyObject() throws Exception {
    // When
    store.put(key("empty"), ByteBuffer.allocate(0), Crc32c.EMPTY, PutOptions.BINARY);
    // Then
    assertThat(store.head(key("empty")).orElseThrow().checksum()).contains(Crc32c.EMPTY);
    assertThat(read("empty", 0, 0)).isEmpty();
  }

  @Test
  void refusesBytesThatDoNotAgreeWithTheirChecksum() throws Exception {
    // When, Then
    assertThatExceptionOfType(StoreException.Corrupt.class)
        .isThrownBy(
            () -> store.put(key("bad"), ByteBuffer.wrap(text("x")), crc("y"), PutOptions.BINARY))
        .withMessageContaining("put key=" + prefix + "bad");
    assertThat(store.head(key("bad"))).isEmpty();
  }

  @Test
  void createsOnlyOnceWhenAskedTo() throws Exception {
    // Given
    PutOptions create = new PutOptions(true, "application/json", Map.of());
    store.put(key("manifest"), ByteBuffer.wrap(text("first")), crc("first"), create);
    // When, Then
    assertThatExceptionOfType(StoreException.PreconditionFailed.class)
        .isThrownBy(
            () -> store.put(key("manifest"), ByteBuffer.wrap(text("other")), crc("other"), create));
    assertThat(read("manifest", 0, 5)).isEqualTo(text("first"));
    assertThat(store.head(key("manifest")).orElseThrow().metadata()).isEmpty();
  }

  @Test
  void assemblesPartsUnderAChecksumOverAllOfThem() throws Exception {
    // Given
    byte[] bytes = random(3, 2 * PART_BYTES + 12_345);
    Crc32c whole = Crc32c.of(ByteBuffer.wrap(bytes));
    Multipart upload = store.startMultipart(key("big.log"), PutOptions.BINARY);
    // When
    Part last = upload.putPart(3, part(bytes, 3), Crc32c.of(part(bytes, 3)));
    Part first = upload.putPart(1, part(bytes, 1), Crc32c.of(part(bytes, 1)));
    Part second = upload.putPart(2, part(bytes, 2), Crc32c.of(part(bytes, 2)));
    StoredObject completed = upload.complete(List.of(first, second, last), whole);
    // Then
    StoredObject head = store.head(key("big.log")).orElseThrow();
    assertThat(head.checksum()).contains(whole);
    assertThat(head.sizeBytes()).isEqualTo(bytes.length).isEqualTo(completed.sizeBytes());
    assertThat(head.etag()).isEqualTo(completed.etag());
    assertThat(read("big.log", PART_BYTES - 5, 10))
        .isEqualTo(Arrays.copyOfRange(bytes, PART_BYTES - 5, PART_BYTES + 5));
    assertThat(store.pendingUploads(prefix)).isEmpty();
  }

  @Test
  void completesTheSameUploadTwiceWithTheSameResult() throws Exception {
    // Given
    byte[] bytes = random(4, 1_000);
    Crc32c whole = Crc32c.of(ByteBuffer.wrap(bytes));
    Multipart upload = store.startMultipart(key("again.log"), PutOptions.BINARY);
    List<Part> parts = List.of(upload.putPart(1, ByteBuffer.wrap(bytes), whole));
    StoredObject first = upload.complete(parts, whole);
    // When
    StoredObject second = upload.complete(parts, whole);
    // Then
    assertThat(second.etag()).isEqualTo(first.etag());
  }

  @Test
  void refusesToCompleteUnderAnotherChecksum() throws Exception {
    // Given
    Multipart upload = store.startMultipart(key("wrong.log"), PutOptions.BINARY);
    Part part = upload.putPart(1, ByteBuffer.wrap(text("records")), crc("records"));
    // When, Then
    assertThatExceptionOfType(StoreException.Corrupt.class)
        .isThrownBy(() -> upload.complete(List.of(part), crc("others")));
    upload.abort();
  }

  @Test
  void refusesAPartThatDoesNotAgreeWithItsChecksum() throws Exception {
    // Given
    Multipart upload = store.startMultipart(key("part.log"), PutOptions.BINARY);
    // When, Then
    assertThatExceptionOfType(StoreException.Corrupt.class)
        .isThrownBy(() -> upload.putPart(1, ByteBuffer.wrap(text("x")), crc("y")))
        .withMessageContaining("put part 1");
    upload.abort();
  }

  @Test
  void listsUploadsThatWereBegunAndAbortsThemFromElsewhere() throws Exception {
    // Given
    PendingUpload begun = store.startMultipart(key("lost.log"), PutOptions.BINARY).upload();
    // When
    List<PendingUpload> pending = store.pendingUploads(prefix);
    store.resumeMultipart(pending.get(0)).abort();
    store.resumeMultipart(begun).abort();
    // Then
    assertThat(pending).extracting(PendingUpload::uploadId).containsExactly(begun.uploadId());
    assertThat(store.pendingUploads(prefix)).isEmpty();
    assertThatExceptionOfType(StoreException.NotFound.class)
        .isThrownBy(
            () -> store.resumeMultipart(begun).putPart(1, ByteBuffer.wrap(text("x")), crc("x")));
  }

  @Test
  void abortingAnUploadLeavesTheObjectAtItsKeyAlone() throws Exception {
    // Given
    store.put(key("stands"), ByteBuffer.wrap(text("first")), crc("first"), PutOptions.BINARY);
    Multipart late = store.startMultipart(key("stands"), PutOptions.BINARY);
    late.putPart(1, ByteBuffer.wrap(text("other")), crc("other"));
    // When
    late.abort();
    // Then
    assertThat(read("stands", 0, 5)).isEqualTo(text("first"));
    assertThat(store.list(prefix, null, 10)).hasSize(1);
    assertThat(store.pendingUploads(prefix)).isEmpty();
  }

  @Test
  void listsInKeyOrderPageByPage() throws Exception {
    // Given
    for (String name : List.of("c", "a", "e", "b", "d")) {
      store.put(key(name), ByteBuffer.wrap(text(name)), crc(name), PutOptions.BINARY);
    }
    // When
    List<StoredObject> first = store.list(prefix, null, 2);
    List<StoredObject> rest = store.list(prefix, first.get(1).key(), 1000);
    // Then
    assertThat(first).extracting(StoredObject::key).containsExactly(key("a"), key("b"));
    assertThat(rest).extracting(StoredObject::key).containsExactly(key("c"), key("d"), key("e"));
    assertThat(rest).allSatisfy(object -> assertThat(object.sizeBytes()).isEqualTo(1));
  }

  @Test
  void deletesAndDoesNotMindThatNothingIsThere() throws Exception {
    // Given
    store.put(key("gone"), ByteBuffer.wrap(text("x")), crc("x"), PutOptions.BINARY);
    // When
    store.delete(key("gone"));
    store.delete(key("gone"));
    // Then
    assertThat(store.head(key("gone"))).isEmpty();
  }

  @Test
  void sortsWhatAReadIsRefusedFor() throws Exception {
    // Given
    StoredObject object =
        store.put(key("ten"), ByteBuffer.wrap(random(5, 10)), crcOf(5, 10), PutOptions.BINARY);
    // When, Then
    assertThatExceptionOfType(StoreException.NotFound.class)
        .isThrownBy(() -> read("absent", 0, 1))
        .withMessageContaining("status=404 code=NoSuchKey");
    assertThatExceptionOfType(StoreException.Corrupt.class).isThrownBy(() -> read("ten", 5, 6));
    assertThatExceptionOfType(StoreException.Corrupt.class).isThrownBy(() -> read("ten", 10, 1));
    assertThatExceptionOfType(StoreException.PreconditionFailed.class)
        .isThrownBy(() -> store.read(key("ten"), 0, 1, "\"0123\"", sink()));
    store.read(key("ten"), 9, 1, object.etag(), sink());
  }

  @Test
  void tellsAFailingTargetFromAFailingStore() throws Exception {
    // Given
    store.put(key("full"), ByteBuffer.wrap(text("x")), crc("x"), PutOptions.BINARY);
    WritableByteChannel closed = sink();
    closed.close();
    // When, Then
    assertThatExceptionOfType(TargetException.class)
        .isThrownBy(() -> store.read(key("full"), 0, 1, null, closed));
  }

  @Test
  void saysThatTheBucketDoesNotExistWhateverIsAsked() {
    // Given
    try (S3Store wrong = new S3Store(options("no-such-bucket"))) {
      String expected = "code=NoSuchBucket";
      Multipart upload =
          wrong.resumeMultipart(new PendingUpload(key("x"), UUID.randomUUID().toString(), 0));
      // When, Then
      for (ThrowingCallable request :
          List.<ThrowingCallable>of(
              () -> wrong.head(key("x")),
              () -> wrong.list("", null, 10),
              () -> wrong.pendingUploads(""),
              () -> wrong.delete(key("x")),
              () -> wrong.read(key("x"), 0, 1, null, sink()),
              () -> wrong.startMultipart(key("x"), PutOptions.BINARY),
              () -> upload.putPart(1, ByteBuffer.wrap(text("x")), crc("x")),
              () -> wrong.put(key("x"), ByteBuffer.wrap(text("x")), crc("x"), PutOptions.BINARY))) {
        assertThatThrownBy(request)
            .isInstanceOf(StoreException.Rejected.class)
            .hasMessageContaining("s3://no-such-bucket at " + server.endpoint())
            .hasMessageContaining(expected)
            .hasMessageNotContaining(KEYS.secretAccessKey());
      }
    }
  }

  private static S3Options options(String bucket) {
    return S3Options.at(server.endpoint(), bucket, "us-east-1").withKeys(KEYS);
  }

  private ObjectKey key(String name) {
    return new ObjectKey(prefix + name);
  }

  private byte[] read(String name, long startBytes, long lengthBytes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.read(key(name), startBytes, lengthBytes, null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private static WritableByteChannel sink() {
    return Channels.newChannel(new ByteArrayOutputStream());
  }

  private static ByteBuffer part(byte[] bytes, int number) {
    int start = (number - 1) * PART_BYTES;
    return ByteBuffer.wrap(bytes, start, Math.min(PART_BYTES, bytes.length - start));
  }

  private static byte[] random(long seed, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Crc32c crcOf(long seed, int sizeBytes) {
    return Crc32c.of(ByteBuffer.wrap(random(seed, sizeBytes)));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Crc32c crc(String text) {
    return Crc32c.of(ByteBuffer.wrap(text(text)));
  }
}
