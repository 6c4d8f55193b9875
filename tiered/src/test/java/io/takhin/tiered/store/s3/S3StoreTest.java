package io.takhin.tiered.store.s3;

import static io.takhin.tiered.store.s3.ScriptedServer.error;
import static io.takhin.tiered.store.s3.ScriptedServer.silence;
import static io.takhin.tiered.store.s3.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.StoredObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(600)
final class S3StoreTest {
  private static final ObjectKey KEY = new ObjectKey("topic-0/00000000000000000000.log");
  private static final PutOptions CREATE = new PutOptions(true, "application/json", Map.of());
  private static final S3Options.StaticKeys KEYS = new S3Options.StaticKeys("id", "secret-word");
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration LONG = Duration.ofMinutes(2);

  private ScriptedServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = new ScriptedServer();
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "403, InvalidAccessKeyId, the credentials are wrong",
    "403, SignatureDoesNotMatch, the credentials are wrong",
    "400, ExpiredToken, the credentials have expired",
    "403, RequestTimeTooSkewed, clock is wrong",
    "403, AccessDenied, lack a permission",
    "301, PermanentRedirect, the bucket is in another region",
    "404, NoSuchBucket, the bucket does not exist",
  })
  void rejectsWithAHintWhatTryingAgainDoesNotChange(int status, String code, String hint) {
    // Given
    server.then(error(status, code));
    try (S3Store store = store(1)) {
      // When, Then
      assertThatThrownBy(() -> store.list("topic-0/", null, 10))
          .isInstanceOf(StoreException.Rejected.class)
          .hasMessageContaining("s3://bucket at " + server.endpoint() + ": list key=topic-0/")
          .hasMessageContaining("status=" + status + " code=" + code)
          .hasMessageContaining(hint)
          .hasMessageNotContaining(KEYS.secretAccessKey());
      assertThatThrownBy(() -> put(store, PutOptions.BINARY))
          .isInstanceOf(StoreException.Rejected.class)
          .hasMessageContaining("status=" + status + " code=" + code)
          .hasMessageContaining(hint);
    }
  }

  @Test
  void tellsAnObjectThatMayNotBeRemovedFromAStoreThatRefusesEverything() {
    // Given
    server.then(error(403, "AccessDenied")).then(error(403, "InvalidAccessKeyId"));
    try (S3Store store = store(1)) {
      // When, Then
      assertThatThrownBy(() -> store.delete(KEY))
          .isInstanceOf(StoreException.Retained.class)
          .hasMessageContaining("delete key=" + KEY)
          .hasMessageContaining("Object Lock keeps it");
      assertThatThrownBy(() -> store.delete(KEY)).isInstanceOf(StoreException.Rejected.class);
    }
  }

  @Test
  void slowsDownForAThrottlingStoreBeyondItsRetriesOfFailures() throws IOException {
    // Given
    server
        .then(error(503, "SlowDown"))
        .then(error(503, "ServiceUnavailable"))
        .then(new Body(200, "", Map.of("ETag", "\"stands\"")));
    try (S3Store store = new S3Store(options(server.endpoint(), 1).withPatience(LONG, 1))) {
      // When
      put(store, PutOptions.BINARY);
      // Then
      assertThat(server.requests()).hasSize(3);
      assertThat(store.strain()).isEqualTo(new StoreStrain(2, 2, 0));
    }
  }

  @Test
  void givesUpAThrottlingStoreWhenItsPatienceEnds() {
    // Given
    server.then(error(503, "SlowDown"));
    try (S3Store store = store(2)) {
      // When, Then
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> store.head(KEY))
          .withMessageContaining("status=503");
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> put(store, PutOptions.BINARY))
          .withMessageContaining("code=SlowDown");
      assertThat(store.strain().throttled()).isPositive();
    }
  }

  @Test
  void triesAFailingStoreAsOftenAsConfigured() {
    // Given
    server.then(error(500, "InternalError"));
    try (S3Store store = store(2)) {
      // When, Then
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> put(store, PutOptions.BINARY));
      assertThat(server.requests()).hasSize(3);
      assertThat(store.strain()).isEqualTo(new StoreStrain(2, 0, 0));
    }
  }

  @Test
  void takesItsOwnEarlierSuccessForSuccess() throws IOException {
    // Given
    server.then(error(412, "PreconditionFailed")).then(new CreationIdOfFirstRequest());
    try (S3Store store = store(1)) {
      // When
      StoredObject created = put(store, CREATE);
      // Then
      assertThat(created.etag()).isEqualTo("\"stands\"");
      assertThat(created.metadata()).isEmpty();
    }
    assertThat(server.requests())
        .extracting(ScriptedServer.Request::method)
        .containsExactly("PUT", "HEAD");
  }

  @Test
  void looksForItsOwnSuccessAfterAnUnknownOutcome() throws IOException {
    // Given
    server.then(silence()).then(silence()).then(new CreationIdOfFirstRequest());
    try (S3Store store = store(1)) {
      // When
      StoredObject created = put(store, CREATE);
      // Then
      assertThat(created.etag()).isEqualTo("\"stands\"");
    }
    assertThat(server.requests())
        .last()
        .extracting(ScriptedServer.Request::method)
        .isEqualTo("HEAD");
  }

  @Test
  void looksAtTheObjectWhenTheOutcomeOfACompletionIsUnknown() throws IOException {
    // Given
    Crc32c checksum = Crc32c.of(body());
    server
        .then(error(404, "NoSuchUpload"))
        .then(new Head(Map.of("x-amz-checksum-crc32c", checksum.base64(), "Content-Length", "7")));
    try (S3Store store = store(1)) {
      // When
      StoredObject completed =
          store
              .resumeMultipart(new PendingUpload(KEY, "upload", 0))
              .complete(List.of(new Part(1, 7, checksum, "\"part\"")), checksum);
      // Then
      assertThat(completed.etag()).isEqualTo("\"stands\"");
    }
  }

  @Test
  void doesNotTakeAnotherObjectForItsCompletion() {
    // Given
    Crc32c checksum = Crc32c.of(body());
    server
        .then(error(404, "NoSuchUpload"))
        .then(new Head(Map.of("x-amz-checksum-crc32c", "AAAAAA==", "Content-Length", "7")));
    try (S3Store store = store(1)) {
      // When, Then
      assertThatExceptionOfType(StoreException.NotFound.class)
          .isThrownBy(
              () ->
                  store
                      .resumeMultipart(new PendingUpload(KEY, "upload", 0))
                      .complete(List.of(new Part(1, 7, checksum, "\"part\"")), checksum));
    }
  }

  @Test
  void givesUpAServerThatHangs() {
    // Given
    server.then(silence());
    try (S3Store store = store(1)) {
      long beganNanos = System.nanoTime();
      // When, Then
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> store.head(KEY))
          .withMessageContaining("no answer in time");
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> put(store, PutOptions.BINARY))
          .withMessageContaining("no answer");
      assertThat(store.strain().stalls()).isEqualTo(2);
      assertThat(Duration.ofNanos(System.nanoTime() - beganNanos))
          .isLessThan(PATIENCE.multipliedBy(30));
    }
    assertThat(server.requests()).isNotEmpty();
  }

  @Test
  void refusesABodyThatIsNotTheRangeThatWasAskedFor() {
    // Given
    server.then(
        new Body(206, "0123", Map.of("Content-Range", "bytes 4-7/8", "ETag", "\"stands\"")));
    try (S3Store store = store(1)) {
      // When, Then
      assertThatExceptionOfType(StoreException.Corrupt.class)
          .isThrownBy(
              () -> store.read(KEY, 0, 4, null, Channels.newChannel(new ByteArrayOutputStream())))
          .withMessageContaining("wrong range: expected=bytes 0-3/");
    }
  }

  @Test
  void saysWhyNobodyAnswered() {
    // Given
    URI refusing = server.endpoint();
    server.close();
    try (S3Store store = new S3Store(options(refusing, 1));
        S3Store lost = new S3Store(options(URI.create("http://no-such-host.invalid"), 1))) {
      // When, Then
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> store.head(KEY))
          .withMessageContaining("connection refused");
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> put(store, PutOptions.BINARY))
          .withMessageContaining("connection refused");
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> lost.head(KEY))
          .withMessageContaining("unknown host");
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> put(lost, PutOptions.BINARY))
          .withMessageContaining("unknown host");
    }
  }

  @Test
  void restoresTheInterruptAndIsUnavailable() {
    // Given
    server.then(silence());
    Thread caller = Thread.currentThread();
    try (S3Store store = new S3Store(options(server.endpoint(), 1).withPatience(LONG, 1))) {
      Thread interrupter =
          new Thread(
              () -> {
                await().until(() -> !server.requests().isEmpty());
                caller.interrupt();
              });
      interrupter.start();
      // When, Then
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> put(store, PutOptions.BINARY))
          .withMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void refusesEverythingOnceClosed() {
    // Given
    S3Store store = store(1);
    store.close();
    store.close();
    // When, Then
    assertThatExceptionOfType(StoreException.Unavailable.class)
        .isThrownBy(() -> store.head(KEY))
        .withMessageContaining("the store is closed");
    assertThat(server.requests()).isEmpty();
  }

  private S3Store store(int maxRetries) {
    return new S3Store(options(server.endpoint(), maxRetries));
  }

  private static S3Options options(URI endpoint, int maxRetries) {
    return S3Options.at(endpoint, "bucket", "us-east-1")
        .withKeys(KEYS)
        .withPatience(PATIENCE, maxRetries);
  }

  private static StoredObject put(S3Store store, PutOptions options) throws StoreException {
    return store.put(KEY, body(), Crc32c.of(body()), options);
  }

  private static ByteBuffer body() {
    return ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7});
  }

  /** An object with the headers given. */
  private record Head(Map<String, String> more) implements ScriptedServer.Answer {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public String body() {
      return "";
    }

    @Override
    public Map<String, String> headers(List<ScriptedServer.Request> requests) {
      Map<String, String> headers = new HashMap<>(more);
      headers.put("ETag", "\"stands\"");
      headers.put("Last-Modified", "Sat, 21 Nov 2026 08:00:00 GMT");
      return headers;
    }
  }

  /** The object that the first request would have created. */
  private record CreationIdOfFirstRequest() implements ScriptedServer.Answer {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public String body() {
      return "";
    }

    @Override
    public Map<String, String> headers(List<ScriptedServer.Request> requests) {
      String header = "x-amz-meta-" + S3Objects.CREATION_ID;
      return new Head(Map.of(header, requests.get(0).header(header), "Content-Length", "7"))
          .headers(requests);
    }
  }

  private record Body(int status, String body, Map<String, String> with)
      implements ScriptedServer.Answer {
    @Override
    public Map<String, String> headers(List<ScriptedServer.Request> requests) {
      return with;
    }
  }
}
