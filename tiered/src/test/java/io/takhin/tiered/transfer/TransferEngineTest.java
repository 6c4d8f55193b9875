package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.FaultyStore;
import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.transfer.TransferStatus.Direction;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
final class TransferEngineTest {
  private static final int MIB = 1 << 20;
  private static final ObjectKey KEY = new ObjectKey("t-0/00000000000000000000.log");
  private static final PutOptions TEXT =
      new PutOptions(false, "text/plain", Map.of("made", "here"));

  private final MemoryStore bucket = new MemoryStore();
  private final FaultyStore store = new FaultyStore(bucket);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final TransferEngine engine =
      new TransferEngine(store, new TransferOptions(5 * MIB, 3), meters, Clock.systemUTC());
  @TempDir Path directory;

  @AfterEach
  void close() {
    engine.close();
  }

  private static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return content;
  }

  private ObjectWriter writer() {
    return engine.writer(KEY, TEXT, Purpose.background("export"));
  }

  private byte[] stored() throws IOException {
    ByteChannelBuffer target = new ByteChannelBuffer();
    bucket.read(KEY, 0, bucket.head(KEY).orElseThrow().sizeBytes(), null, target);
    return target.toByteArray();
  }

  @Test
  void writerSendsWhatIsReservedAndCommitted() throws Exception {
    byte[] content = content(23 * MIB + 7);
    WrittenObject written;
    try (ObjectWriter writer = writer()) {
      int at = 0;
      while (at < content.length) {
        int count = Math.min(3 * MIB + 11, content.length - at);
        ByteBuffer buffer = writer.reserve(3 * MIB + 11);
        assertThat(buffer.isDirect()).isTrue();
        buffer.put(content, at, count);
        writer.commit(count);
        at += count;
      }
      written = writer.finish();
    }

    assertThat(stored()).isEqualTo(content);
    Crc32c crc = Crc32c.of(ByteBuffer.wrap(content));
    assertThat(written.checksum()).isEqualTo(crc);
    assertThat(written.sizeBytes()).isEqualTo(content.length);
    assertThat(written.parts()).isEqualTo(store.requests(StoreOperation.PUT_PART)).isGreaterThan(2);
    assertThat(bucket.head(KEY).orElseThrow().etag()).isEqualTo(written.etag());
    assertThat(bucket.head(KEY).orElseThrow().metadata()).containsEntry("made", "here");
    assertThat(bucket.head(KEY).orElseThrow().checksum()).contains(crc);
  }

  @Test
  void aWriterDoesNotWaitForTheThreadsOfFiles() throws Exception {
    // Given as many files on their way as there are threads for files, none of which gets on
    CountDownLatch arrived = new CountDownLatch(3);
    CountDownLatch goOn = new CountDownLatch(1);
    store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.PUT && key.startsWith("file")) {
              arrived.countDown();
              try {
                goOn.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }
          }
        });
    Path file = Files.write(directory.resolve("file"), content(MIB));
    List<CompletableFuture<ObjectProof>> uploads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ObjectKey key = new ObjectKey("file-" + i);
      uploads.add(
          CompletableFuture.supplyAsync(() -> upload(file, key), task -> new Thread(task).start()));
    }
    arrived.await();

    // When
    try (ObjectWriter writer = writer()) {
      writer.write(ByteBuffer.wrap(content(12 * MIB)));
      writer.finish();
    }

    // Then
    assertThat(stored()).isEqualTo(content(12 * MIB));
    assertThat(uploads).noneMatch(CompletableFuture::isDone);
    goOn.countDown();
    for (CompletableFuture<ObjectProof> upload : uploads) {
      assertThat(upload.get().sizeBytes()).isEqualTo(MIB);
    }
  }

  private ObjectProof upload(Path file, ObjectKey key) {
    try {
      return engine.upload(file, key, PutOptions.BINARY, Purpose.background("archive"));
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  @Test
  void smallObjectGoesWithOneRequest() throws Exception {
    try (ObjectWriter writer = writer()) {
      writer.write(ByteBuffer.wrap(content(1000)));
      writer.flush();
      assertThat(writer.finish().parts()).isEqualTo(1);
    }
    assertThat(store.requests()).containsOnly(Map.entry(StoreOperation.PUT, 1));
    assertThat(stored()).isEqualTo(content(1000));
  }

  @Test
  void emptyObjectCanBeWritten() throws Exception {
    try (ObjectWriter writer = writer()) {
      assertThat(writer.finish().sizeBytes()).isZero();
    }
    assertThat(stored()).isEmpty();
  }

  @Test
  void flushLeavesNoFullPartBehind() throws Exception {
    try (ObjectWriter writer = writer()) {
      writer.write(ByteBuffer.wrap(content(6 * MIB)));
      writer.flush();
      assertThat(store.requests(StoreOperation.PUT_PART)).isEqualTo(1);
      writer.write(ByteBuffer.wrap(content(10)));
      assertThat(writer.finish().parts()).isEqualTo(2);
    }
  }

  @Test
  void writerThatIsClosedUnfinishedLeavesNothing() throws Exception {
    try (ObjectWriter writer = writer()) {
      writer.write(ByteBuffer.wrap(content(12 * MIB)));
    }
    assertThat(store.requests(StoreOperation.ABORT)).isEqualTo(1);
    assertThat(bucket.pendingUploads("")).isEmpty();
    assertThat(bucket.head(KEY)).isEmpty();
    assertThat(engine.running()).isEmpty();
  }

  @Test
  void firstFailedPartAbortsAndIsTold() throws Exception {
    store.refuse(StoreOperation.PUT_PART, "");
    try (ObjectWriter writer = writer()) {
      assertThatThrownBy(
              () -> {
                writer.write(ByteBuffer.wrap(content(80 * MIB)));
                writer.finish();
              })
          .isInstanceOf(StoreException.Unavailable.class);
      assertThat(bucket.pendingUploads("")).isEmpty();
      assertThatThrownBy(() -> writer.write(ByteBuffer.wrap(new byte[1])))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the writer is aborted: key=" + KEY);
    }
    assertThat(store.fired()).isPositive();
    assertThat(store.requests(StoreOperation.PUT_PART)).isLessThan(8);
  }

  @Test
  void usingAWriterAfterItsEndIsAClearError() throws Exception {
    ObjectWriter writer = writer();
    writer.finish();

    assertThatThrownBy(() -> writer.reserve(1)).hasMessageContaining("is finished: key=" + KEY);
    assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(writer::flush).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> writer.commit(0)).isInstanceOf(IllegalStateException.class);
    writer.close();
    assertThat(bucket.head(KEY)).isPresent();
  }

  @Test
  void moreIsNotReservedOrCommittedThanThereIs() throws Exception {
    try (ObjectWriter writer = writer()) {
      assertThatThrownBy(() -> writer.reserve(writer.maxReserveBytes() + 1))
          .hasMessageContaining("expected 1 to " + writer.maxReserveBytes());
      writer.reserve(10);
      assertThatThrownBy(() -> writer.commit(11)).hasMessageContaining("0 to the reserved 10");
    }
  }

  @Test
  void writersLeaveMemoryForFiles() throws Exception {
    Path file = Files.write(directory.resolve("file"), content(7 * MIB));
    try (ObjectWriter writer = writer()) {
      writer.write(ByteBuffer.wrap(content(1)));
      assertThatThrownBy(this::writer).hasMessageContaining("too many open writers");
      engine.upload(file, new ObjectKey("other"), PutOptions.BINARY, Purpose.background("archive"));
    }
    writer().close();
  }

  @Test
  void aWriterThatMayWaitHasItsTurnWhenAnotherEnds() throws Exception {
    CompletableFuture<ObjectWriter> next = new CompletableFuture<>();
    Thread waiting;
    try (ObjectWriter writer = writer()) {
      writer.write(ByteBuffer.wrap(content(1)));
      waiting = new Thread(() -> completeWithNextWriter(next));
      waiting.start();
      await().until(() -> waiting.getState() == Thread.State.WAITING);
      assertThat(next).isNotDone();
    }
    next.get().close();
    waiting.join();
  }

  @Test
  void anInterruptEndsTheWaitForAWriter() throws Exception {
    CompletableFuture<ObjectWriter> next = new CompletableFuture<>();
    try (ObjectWriter writer = writer()) {
      writer.write(ByteBuffer.wrap(content(1)));
      Thread waiting = new Thread(() -> completeWithNextWriter(next));
      waiting.start();
      waiting.interrupt();
      assertThatThrownBy(next::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InterruptedIOException.class)
          .hasMessageContaining("waiting for another writer");
      waiting.join();
    }
  }

  private void completeWithNextWriter(CompletableFuture<ObjectWriter> next) {
    try {
      next.complete(engine.nextWriter(KEY, TEXT, Purpose.background("export")));
    } catch (IOException e) {
      next.completeExceptionally(e);
    }
  }

  @Test
  void cancelledUploadLeavesNothing() throws Exception {
    Path file = Files.write(directory.resolve("file"), content(30 * MIB));
    CountDownLatch hanging = new CountDownLatch(2);
    store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT_PART) {
              hanging.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException.Unavailable("interrupted", e);
              }
            }
          }
        });
    CompletableFuture<ObjectProof> upload = CompletableFuture.supplyAsync(() -> upload(file, KEY));
    hanging.await();
    assertThat(engine.running())
        .singleElement()
        .satisfies(
            status -> {
              assertThat(status.direction()).isEqualTo(Direction.UPLOAD);
              assertThat(status.key()).isEqualTo(KEY);
              assertThat(status.totalBytes()).isEqualTo(30 * MIB);
              assertThat(status.purpose().reason()).isEqualTo("archive");
              assertThat(status.remaining()).isEmpty();
            });

    assertThat(engine.cancel(engine.running().get(0).id())).isTrue();

    assertThatThrownBy(upload::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TransferCancelledException.class);
    await().until(() -> engine.running().isEmpty());
    assertThat(store.fired()).isPositive();
    assertThat(bucket.pendingUploads("")).isEmpty();
    assertThat(bucket.head(KEY)).isEmpty();
    assertThat(
            meters
                .get("tiered_storage_transfers")
                .tags("direction", "upload", "outcome", "cancelled")
                .timer()
                .count())
        .isEqualTo(1);
  }

  @Test
  void downloadThatDoesNotFitIsRefusedBeforeItBegins() throws Exception {
    try (TransferEngine full =
        new TransferEngine(store, TransferOptions.DEFAULT, path -> 99, meters, Clock.systemUTC())) {
      assertThatThrownBy(
              () ->
                  full.fetch(
                      new ObjectProof(KEY, 100, Crc32c.EMPTY),
                      directory.resolve("file"),
                      Purpose.foreground("fetch")))
          .isInstanceOf(InsufficientSpaceException.class)
          .hasMessageContaining("required_bytes=100")
          .hasMessageContaining("available_bytes=99");
    }
    assertThat(store.requests()).isEmpty();
  }

  @Test
  void endedTransfersAreCounted() throws Exception {
    Path file = Files.write(directory.resolve("file"), content(6 * MIB));
    ObjectProof proof = engine.upload(file, KEY, PutOptions.BINARY, Purpose.background("archive"));
    engine.fetch(proof, directory.resolve("back"), Purpose.foreground("fetch"));

    for (String direction : new String[] {"upload", "download"}) {
      assertThat(
              meters
                  .get("tiered_storage_transfer_bytes")
                  .tag("direction", direction)
                  .counter()
                  .count())
          .isEqualTo(6 * MIB);
      assertThat(
              meters
                  .get("tiered_storage_transfers")
                  .tags("direction", direction, "outcome", "done")
                  .timer()
                  .count())
          .isEqualTo(1);
    }
  }

  /** Collects what is read. */
  private static final class ByteChannelBuffer extends java.io.ByteArrayOutputStream
      implements java.nio.channels.WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      writeBytes(copy);
      return copy.length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }
  }
}
