package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileUploaderTest {
  private static final int PART = 64 << 10;
  private static final ObjectKey KEY = new ObjectKey("p/t-0/00000000000000000000.log");

  private final MemoryStore bucket = new MemoryStore(Clock.systemUTC(), PART);
  private final FaultyStore store = new FaultyStore(bucket);
  private final TransferPool pool = new TransferPool("test-upload", 3, new Precedence());
  private final FileUploader uploader =
      new FileUploader(store, pool, new PartBuffers(3 * PART), PART);
  @TempDir Path directory;

  @AfterEach
  void close() {
    pool.close();
  }

  private ObjectProof upload(Path file) throws IOException {
    try (FileReader reader = FileReader.open(file)) {
      return uploader.upload(transfer(), reader, KEY, PutOptions.BINARY, ChunkChecksums.NONE);
    }
  }

  private ObjectProof prove(Path file) throws IOException {
    try (FileReader reader = FileReader.open(file)) {
      return uploader.prove(transfer(), reader, KEY);
    }
  }

  private static Transfer transfer() {
    return new Transfer(1, Direction.UPLOAD, KEY, Purpose.background("test"), 0, 0);
  }

  private Path file(int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return Files.write(directory.resolve("file"), content);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, PART - 1, PART, PART + 1, 3 * PART, 7 * PART + 11})
  void proofIsThatOfTheBytesAndTheStoreHoldsIt(int bytes) throws Exception {
    Path file = file(bytes);

    ObjectProof proof = upload(file);

    Crc32c direct = Crc32c.of(ByteBuffer.wrap(Files.readAllBytes(file)));
    assertThat(proof).isEqualTo(new ObjectProof(KEY, bytes, direct));
    assertThat(new ObjectVerifier(store).holds(proof)).isTrue();
    assertThat(prove(file)).isEqualTo(proof);
    int parts = bytes <= PART ? 0 : (bytes + PART - 1) / PART;
    assertThat(store.requests(StoreOperation.PUT)).isEqualTo(parts == 0 ? 1 : 0);
    assertThat(store.requests(StoreOperation.PUT_PART)).isEqualTo(parts);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, PART, 3 * PART + 1, 7 * PART + 11})
  void chunksAreSummedOnTheWay(int bytes) throws Exception {
    Path file = file(bytes);
    int chunkBytes = 1024;
    ChunkChecksums chunks = new ChunkChecksums(chunkBytes, (bytes + chunkBytes - 1) / chunkBytes);

    ObjectProof proof;
    try (FileReader reader = FileReader.open(file)) {
      proof = uploader.upload(transfer(), reader, KEY, PutOptions.BINARY, chunks);
    }

    byte[] content = Files.readAllBytes(file);
    assertThat(proof.checksum()).isEqualTo(Crc32c.of(ByteBuffer.wrap(content)));
    for (int index = 0; index < chunks.count(); index++) {
      int start = index * chunkBytes;
      ByteBuffer chunk = ByteBuffer.wrap(content, start, Math.min(chunkBytes, bytes - start));
      assertThat(new Crc32c(chunks.get(index))).isEqualTo(Crc32c.of(chunk));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3 * PART + 1})
  void anObjectThatStandsIsLeftAloneAndCountsIfItHoldsTheSameBytes(int bytes) throws Exception {
    // Given an object
    ObjectProof first = upload(file(bytes));
    String etag = bucket.head(KEY).orElseThrow().etag();

    // When the same file is to create it, and then another
    ObjectProof again = uploadNew(file(bytes));
    assertThatThrownBy(() -> uploadNew(file(bytes + 1)))
        .isInstanceOf(StoreException.PreconditionFailed.class);

    // Then it is what it was, and nothing is left of either
    assertThat(again).isEqualTo(first);
    assertThat(bucket.head(KEY).orElseThrow().etag()).isEqualTo(etag);
    assertThat(bucket.pendingUploads("")).isEmpty();
  }

  private ObjectProof uploadNew(Path file) throws IOException {
    try (FileReader reader = FileReader.open(file)) {
      return uploader.upload(
          transfer(), reader, KEY, PutOptions.BINARY.createOnly(), ChunkChecksums.NONE);
    }
  }

  @Test
  void failedPartAbortsTheUploadAndLeavesNothing() throws Exception {
    Path file = file(10 * PART);
    store.refuse(StoreOperation.PUT_PART, "");

    assertThatThrownBy(() -> upload(file)).isInstanceOf(StoreException.Unavailable.class);

    assertThat(store.fired()).isPositive();
    assertThat(store.requests(StoreOperation.PUT_PART)).isLessThan(10);
    assertThat(bucket.pendingUploads("")).isEmpty();
    assertThat(bucket.head(KEY)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {PART, 3 * PART})
  void lostAnswerIsProbedAndFoundToBeASuccess(int bytes) throws Exception {
    Path file = file(bytes);
    store.inject(
        new Fault() {
          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT || op == StoreOperation.COMPLETE) {
              throw new StoreException.Unavailable("injected: answer lost", null);
            }
          }
        });

    ObjectProof proof = upload(file);

    assertThat(store.fired()).isEqualTo(1);
    assertThat(new ObjectVerifier(bucket).holds(proof)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {PART, 3 * PART})
  void requestWithoutEffectIsAFailure(int bytes) throws Exception {
    Path file = file(bytes);
    store.refuse(bytes <= PART ? StoreOperation.PUT : StoreOperation.COMPLETE, "");

    assertThatThrownBy(() -> upload(file)).isInstanceOf(StoreException.Unavailable.class);

    assertThat(store.fired()).isEqualTo(1);
    assertThat(bucket.pendingUploads("")).isEmpty();
  }

  @Test
  void fileThatGrowsMeanwhileIsNotMadeVisible() throws Exception {
    Path file = file(3 * PART);
    changeDuring(file, new byte[] {1}, StandardOpenOption.APPEND);

    assertThatThrownBy(() -> upload(file))
        .isInstanceOf(SourceChangedException.class)
        .hasMessageContaining(file.toString());

    assertThat(bucket.head(KEY)).isEmpty();
    assertThat(bucket.pendingUploads("")).isEmpty();
  }

  @Test
  void fileThatIsCutMeanwhileIsNotMadeVisible() throws Exception {
    Path file = file(9 * PART);
    changeDuring(file, new byte[PART], StandardOpenOption.TRUNCATE_EXISTING);

    assertThatThrownBy(() -> upload(file)).isInstanceOf(SourceChangedException.class);

    assertThat(bucket.head(KEY)).isEmpty();
  }

  private void changeDuring(Path file, byte[] bytes, StandardOpenOption how) {
    store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.PUT_PART) {
              try {
                Files.write(file, bytes, how);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }
        });
  }

  @Test
  void missingFileIsNamed() {
    Path file = directory.resolve("missing");

    assertThatThrownBy(() -> upload(file)).hasMessageContaining("missing");

    assertThat(store.requests()).isEmpty();
  }

  @Test
  void closingThePoolEndsAnUploadAndAbortsIt() throws Exception {
    Path file = file(10 * PART);
    store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.PUT_PART) {
              pool.close();
            }
          }
        });

    assertThatThrownBy(() -> upload(file)).isInstanceOf(IOException.class);

    assertThat(bucket.pendingUploads("")).isEmpty();
    assertThat(bucket.head(KEY)).isEmpty();
  }
}
