package io.takhin.benchmarks.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.benchmarks.transfer.Contender.Item;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sink speaks S3 well enough for our client to prove what it sent and what it got. */
final class SinkTest {
  private static final ObjectKey KEY = new ObjectKey("some/object.bin");
  private static final int PART_BYTES = 5 << 20;

  @TempDir private Path directory;
  private Sink sink;
  private S3Options options;
  private S3Store store;

  @BeforeEach
  void start() throws IOException {
    sink = Sink.start(0, Optional.of(directory));
    options = Target.unchecked(Target.SINK, sink.endpoint(), "bucket").options();
    store = new S3Store(options);
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
    sink.close();
  }

  @Test
  void anObjectSentAtOnceHasItsSizeAndChecksum() throws Exception {
    ByteBuffer body = direct(Pattern.at(0, 100_000));

    store.put(KEY, body, Crc32c.of(body), PutOptions.BINARY);

    StoredObject head = store.head(KEY).orElseThrow();
    assertThat(head.sizeBytes()).isEqualTo(100_000);
    assertThat(head.checksum()).contains(Pattern.checksum(100_000));
  }

  @Test
  void anObjectSentInPartsHasTheSizeAndChecksumOfTheWhole() throws Exception {
    Multipart upload = store.startMultipart(KEY, PutOptions.BINARY);
    ByteBuffer part = direct(ByteBuffer.allocate(PART_BYTES));
    Part first = upload.putPart(1, part, Crc32c.of(part));
    Part second = upload.putPart(2, part, Crc32c.of(part));
    Crc32c whole = first.checksum().combine(second.checksum(), PART_BYTES);

    upload.complete(List.of(first, second), whole);

    StoredObject head = store.head(KEY).orElseThrow();
    assertThat(head.sizeBytes()).isEqualTo(2L * PART_BYTES);
    assertThat(head.checksum()).contains(whole);
    assertThat(store.pendingUploads("")).isEmpty();
  }

  @Test
  void anAbortedUploadLeavesNothing() throws Exception {
    Multipart upload = store.startMultipart(KEY, PutOptions.BINARY);
    assertThat(store.pendingUploads("some/"))
        .extracting(PendingUpload::uploadId)
        .containsExactly(upload.upload().uploadId());

    upload.abort();

    assertThat(store.pendingUploads("")).isEmpty();
    assertThat(store.head(KEY)).isEmpty();
  }

  @Test
  void aRangeIsThatOfThePattern() throws Exception {
    putPattern(KEY, 3L * Pattern.BLOCK_BYTES);
    long start = Pattern.BLOCK_BYTES - 10;
    ByteArrayOutputStream got = new ByteArrayOutputStream();

    store.read(KEY, start, 20, null, Channels.newChannel(got));

    ByteBuffer expected = ByteBuffer.allocate(20).put(Pattern.at(start, 10)).put(Pattern.at(0, 10));
    assertThat(got.toByteArray()).isEqualTo(expected.array());
  }

  @Test
  void aSmallObjectIsServedAsItCame() throws Exception {
    ByteBuffer body = direct(ByteBuffer.allocate(1_000).put(500, (byte) 7));
    store.put(KEY, body, Crc32c.of(body), PutOptions.BINARY);
    ByteArrayOutputStream got = new ByteArrayOutputStream();

    store.read(KEY, 499, 3, null, Channels.newChannel(got));

    assertThat(got.toByteArray()).containsExactly(0, 7, 0);
    assertThat(sink.traffic().served()).isEqualTo(new StoreServed(1, 3));
  }

  @Test
  void aLargeObjectIsServedFromTheFileThatWasPutDownForIt() throws Exception {
    byte[] content = new byte[PART_BYTES];
    content[500] = 7;
    Files.createDirectories(directory.resolve("some"));
    Files.write(directory.resolve(KEY.value()), content);
    ByteBuffer body = direct(ByteBuffer.wrap(content));
    store.put(KEY, body, Crc32c.of(body), PutOptions.BINARY);
    ByteArrayOutputStream got = new ByteArrayOutputStream();

    store.read(KEY, 499, 3, null, Channels.newChannel(got));

    assertThat(got.toByteArray()).containsExactly(0, 7, 0);
  }

  @Test
  void anAnswerWaitsAsLongAsItWasTold() throws Exception {
    putPattern(KEY, 1_000);
    sink.traffic().delay(200);
    long began = System.nanoTime();

    store.read(KEY, 0, 10, null, Channels.newChannel(new ByteArrayOutputStream()));

    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(200_000_000L);
  }

  @Test
  void whatIsLargeAndNotThePatternIsNotServed() throws Exception {
    ByteBuffer body = direct(ByteBuffer.allocate(SinkObjects.MAX_KEPT_BYTES + 1));
    store.put(KEY, body, Crc32c.of(body), PutOptions.BINARY);

    assertThatThrownBy(
            () -> store.read(KEY, 0, 10, null, Channels.newChannel(new ByteArrayOutputStream())))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("ContentNotKept");
  }

  @Test
  void whatIsSentInPartsIsServedAsItCameIfAllIsKept() throws Exception {
    try (Sink keeping = Sink.start(16 << 20, Optional.empty());
        S3Store there =
            new S3Store(Target.unchecked(Target.SINK, keeping.endpoint(), "bucket").options())) {
      ByteBuffer first = direct(ByteBuffer.allocate(PART_BYTES).put(PART_BYTES - 1, (byte) 7));
      ByteBuffer second = direct(ByteBuffer.allocate(10).put(0, (byte) 8));
      Multipart upload = there.startMultipart(KEY, PutOptions.BINARY);
      Part one = upload.putPart(1, first, Crc32c.of(first));
      Part two = upload.putPart(2, second, Crc32c.of(second));
      upload.complete(List.of(one, two), one.checksum().combine(two.checksum(), 10));
      ByteArrayOutputStream got = new ByteArrayOutputStream();

      there.read(KEY, PART_BYTES - 2, 4, null, Channels.newChannel(got));

      assertThat(got.toByteArray()).containsExactly(0, 7, 8, 0);
      assertThat(keeping.traffic().taken())
          .extracting(SinkTaken::requests, SinkTaken::bytes)
          .containsExactly(5L, PART_BYTES + 10L);
    }
  }

  @Test
  void aReadOfAnotherVersionIsRefused() throws Exception {
    putPattern(KEY, 1_000);

    assertThatThrownBy(
            () ->
                store.read(
                    KEY, 0, 10, "\"other\"", Channels.newChannel(new ByteArrayOutputStream())))
        .isInstanceOf(StoreException.PreconditionFailed.class);
  }

  @Test
  void listingAndDeletingKnowPrefixes() throws Exception {
    ObjectKey other = new ObjectKey("other/object.bin");
    putPattern(KEY, 1_000);
    putPattern(other, 2_000);
    assertThat(store.list("some/", null, 1_000)).extracting(StoredObject::key).containsExactly(KEY);

    store.delete(KEY);

    assertThat(store.list("", null, 1_000)).extracting(StoredObject::key).containsExactly(other);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 40_000_001})
  void ourLibraryMovesFilesBothWays(long sizeBytes) throws Exception {
    Path file = directory.resolve("file");
    Path copy = directory.resolve("copy");
    Pattern.write(file, sizeBytes);

    try (OwnContender own = new OwnContender(options)) {
      own.upload(List.of(new Item(KEY.value(), file)));
      own.download(List.of(new Item(KEY.value(), copy)));
    }

    assertThat(Files.mismatch(file, copy)).isEqualTo(-1);
  }

  @Test
  void rawConnectionsMoveFilesBothWays() throws Exception {
    long sizeBytes = 2L * Pattern.BLOCK_BYTES + 1;
    Path file = directory.resolve("file");
    Path copy = directory.resolve("copy");
    Pattern.write(file, sizeBytes);
    Contender one = new RawContender(RawContender.ONE, options.endpoint().orElseThrow(), "bucket");
    Contender four =
        new RawContender(RawContender.FOUR, options.endpoint().orElseThrow(), "bucket");

    one.upload(List.of(new Item(KEY.value(), file)));
    four.download(List.of(new Item(KEY.value(), copy)));

    assertThat(store.head(KEY).orElseThrow().sizeBytes()).isEqualTo(sizeBytes);
    Race.requirePattern(copy, sizeBytes);
  }

  @Test
  void aFileThatIsNotThePatternIsFound() throws Exception {
    Path file = Files.write(directory.resolve("file"), new byte[1_000]);

    assertThatThrownBy(() -> Race.requirePattern(file, 1_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wrong bytes");
  }

  private void putPattern(ObjectKey key, long sizeBytes) throws Exception {
    Path file = directory.resolve("put-" + sizeBytes);
    Pattern.write(file, sizeBytes);
    ByteBuffer body = direct(ByteBuffer.wrap(Files.readAllBytes(file)));
    store.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }

  private static ByteBuffer direct(ByteBuffer bytes) {
    return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
  }
}
