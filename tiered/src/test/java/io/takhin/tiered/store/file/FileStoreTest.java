package io.takhin.tiered.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies on disk; the promises of the port are tested by its contract suite. */
final class FileStoreTest {
  private static final ObjectKey KEY = new ObjectKey("t-0/00000000000000000000.log");
  private static final byte[] BYTES = "sealed and sound".getBytes(StandardCharsets.UTF_8);
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private final Path root;
  private FileStore store;

  FileStoreTest(@TempDir Path directory) throws IOException {
    root = directory.resolve("objects");
    store = FileStore.open(root, CLOCK, 1);
  }

  private void reopen() throws IOException {
    store = FileStore.open(root, CLOCK, 1);
  }

  @Test
  void keepsTheBytesAsAPlainFile() throws Exception {
    // When
    StoredObject put = put(PutOptions.BINARY);

    // Then
    assertThat(root.resolve(KEY.value() + "~" + put.etag())).hasBinaryContent(BYTES);
    assertThat(put.lastModified()).isEqualTo(NOW);
  }

  @Test
  void keepsContentTypeAndMetadataBesideTheBytes() throws Exception {
    // When
    put(new PutOptions(false, "application/json", Map.of("attempt", "7")));

    // Then
    assertThat(sidecar())
        .content()
        .contains("\"format\":1", "\"contentType\":\"application/json\"", "\"attempt\":\"7\"");
  }

  @Test
  void leavesNothingBehindThatAnOverwriteReplaced() throws Exception {
    // Given
    put(PutOptions.BINARY);

    // When
    put(PutOptions.BINARY);

    // Then
    assertThat(files()).hasSize(2);
  }

  @Test
  void leavesNothingBehindThatWasRefused() throws Exception {
    // Given
    put(PutOptions.BINARY);

    // When / Then
    assertThatThrownBy(() -> put(new PutOptions(true, "text/plain", Map.of())))
        .isInstanceOf(StoreException.PreconditionFailed.class);
    assertThat(files()).hasSize(2);
  }

  @Test
  void leavesNothingBehindThatWasRemoved() throws Exception {
    // Given
    put(PutOptions.BINARY);

    // When
    store.delete(KEY);

    // Then
    assertThat(files()).isEmpty();
  }

  @Test
  void leavesNothingBehindOfAFinishedUpload() throws Exception {
    // Given
    Multipart multipart = store.startMultipart(KEY, PutOptions.BINARY);
    Part part = multipart.putPart(1, ByteBuffer.wrap(BYTES), crc());
    multipart.putPart(2, ByteBuffer.wrap(BYTES), crc()); // Sent, but not used.

    // When
    multipart.complete(List.of(part), crc());

    // Then
    assertThat(files()).hasSize(2);
  }

  @Test
  void finishesAnUploadAfterARestart() throws Exception {
    // Given
    Multipart begun = store.startMultipart(KEY, PutOptions.BINARY);
    Part part = begun.putPart(1, ByteBuffer.wrap(BYTES), crc());
    reopen();

    // When
    PendingUpload found = store.pendingUploads("t-0/").get(0);
    store.resumeMultipart(found).complete(List.of(part), crc());

    // Then
    assertThat(found).isEqualTo(begun.upload());
    assertThat(found.initiatedMillis()).isEqualTo(NOW.toEpochMilli());
    assertThat(read()).isEqualTo(BYTES);
  }

  @Test
  void showsNothingOfAPutThatWasCutShort() throws Exception {
    // Given: what a crash leaves between the bytes and the sidecar.
    Files.createDirectories(root.resolve("t-0"));
    Files.write(root.resolve(KEY.value() + "~0123456789abcdef0123456789abcdef"), BYTES);

    // When / Then
    assertThat(store.head(KEY)).isEmpty();
    assertThat(store.list("", null, 10)).isEmpty();
  }

  @Test
  void removesOldStagedFilesWhenOpened() throws Exception {
    // Given
    Path old = Files.write(root.resolve(".~staging").resolve("old"), BYTES);
    Path young = Files.write(root.resolve(".~staging").resolve("young"), BYTES);
    Files.setLastModifiedTime(old, FileTime.from(NOW.minusSeconds(86_401)));
    Files.setLastModifiedTime(young, FileTime.from(NOW.minusSeconds(86_399)));

    // When
    reopen();

    // Then
    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void doesNotTakeALostMountForAnEmptyStore() throws Exception {
    // Given
    put(PutOptions.BINARY);
    Path elsewhere = root.resolveSibling("elsewhere");
    Files.move(root, elsewhere);
    Files.createDirectory(root);

    // When / Then
    assertThatThrownBy(() -> store.head(KEY))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("not mounted");
    assertThatThrownBy(() -> put(PutOptions.BINARY)).isInstanceOf(StoreException.Unavailable.class);
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void reportsADamagedSidecar() throws Exception {
    // Given
    put(PutOptions.BINARY);
    Files.writeString(sidecar(), "{\"format\":");

    // When / Then
    assertThatThrownBy(() -> store.head(KEY))
        .isInstanceOf(StoreException.Corrupt.class)
        .hasMessageContaining(KEY.value());
  }

  @Test
  void reportsASidecarOfALaterFormat() throws Exception {
    // Given
    put(PutOptions.BINARY);
    Files.writeString(
        sidecar(), Files.readString(sidecar()).replace("\"format\":1", "\"format\":2"));

    // When / Then
    assertThatThrownBy(() -> store.head(KEY))
        .isInstanceOf(StoreException.Corrupt.class)
        .hasMessageContaining("expected=1 got=2");
  }

  @Test
  void reportsBytesThatWereCutShort() throws Exception {
    // Given
    StoredObject put = put(PutOptions.BINARY);
    Files.write(root.resolve(KEY.value() + "~" + put.etag()), new byte[3]);

    // When / Then
    assertThatThrownBy(this::read)
        .isInstanceOf(StoreException.Corrupt.class)
        .hasMessageContaining("expected=16 got=3");
  }

  @Test
  void reportsBytesThatAreGone() throws Exception {
    // Given
    StoredObject put = put(PutOptions.BINARY);
    Files.delete(root.resolve(KEY.value() + "~" + put.etag()));

    // When / Then
    assertThatThrownBy(this::read)
        .isInstanceOf(StoreException.Corrupt.class)
        .hasMessageContaining("missing");
  }

  @Test
  void rejectsAnElementTooLongForAFileName() {
    // Given
    ObjectKey key = new ObjectKey("a".repeat(400));

    // When / Then
    assertThatThrownBy(() -> store.put(key, ByteBuffer.wrap(BYTES), crc(), PutOptions.BINARY))
        .isInstanceOf(StoreException.Rejected.class)
        .hasMessageContaining("too long");
  }

  @Test
  void takesNoPathForAnUploadId() {
    assertThatThrownBy(
            () -> store.resumeMultipart(new PendingUpload(KEY, "../../etc", NOW.toEpochMilli())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private StoredObject put(PutOptions options) throws StoreException {
    return store.put(KEY, ByteBuffer.wrap(BYTES), crc(), options);
  }

  private byte[] read() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.read(KEY, 0, BYTES.length, null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private Path sidecar() {
    return root.resolve(KEY.value() + "~meta.json");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }

  private static Crc32c crc() {
    return Crc32c.of(ByteBuffer.wrap(BYTES));
  }
}
