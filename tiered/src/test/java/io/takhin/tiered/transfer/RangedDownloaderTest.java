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
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RangedDownloaderTest {
  private static final int PART = 64 << 10;
  private static final ObjectKey KEY = new ObjectKey("p/t-0/00000000000000000000.log");

  private final MemoryStore bucket = new MemoryStore();
  private final FaultyStore store = new FaultyStore(bucket);
  private final TransferPool pool = new TransferPool("test-download", 3, new Precedence());
  private final RangedDownloader downloader = new RangedDownloader(store, pool, PART);
  private Transfer transfer = transfer();
  @TempDir Path directory;

  @AfterEach
  void close() {
    pool.close();
  }

  private static Transfer transfer() {
    return new Transfer(1, Direction.DOWNLOAD, KEY, Purpose.foreground("test"), 0, 0);
  }

  private static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return content;
  }

  private ObjectProof put(byte[] content) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(content);
    Crc32c crc = Crc32c.of(body);
    bucket.put(KEY, body, crc, PutOptions.BINARY);
    return new ObjectProof(KEY, content.length, crc);
  }

  private Path target() {
    return directory.resolve("00000000000000000000.log");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, PART, PART + 1, 5 * PART + 17})
  void fileIsPlacedWhole(int bytes) throws Exception {
    byte[] content = content(bytes);
    ObjectProof proof = put(content);

    Path temporary = downloader.fetch(transfer, proof, target());
    assertThat(target()).doesNotExist();
    assertThat(RangedDownloader.isTemporary(temporary)).isTrue();
    RangedDownloader.place(temporary, target());

    assertThat(target()).hasBinaryContent(content);
    assertThat(temporary).doesNotExist();
    int ranges = (bytes + PART - 1) / PART;
    assertThat(store.requests(StoreOperation.GET)).isEqualTo(ranges);
    assertThat(store.requests(StoreOperation.HEAD)).isEqualTo(ranges == 1 ? 0 : 1);
  }

  /** Alters or cuts what the store sends. */
  private void tamper(AtomicInteger left, Tampering tampering) {
    store.inject(
        new Fault() {
          @Override
          public WritableByteChannel target(String key, WritableByteChannel target) {
            return left.getAndDecrement() > 0 ? new Tampered(target, tampering) : target;
          }

          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.GET && tampering == Tampering.CUT && left.get() >= 0) {
              throw new StoreException.Unavailable("injected: connection lost", null);
            }
          }
        });
  }

  private enum Tampering {
    ALTER,
    CUT
  }

  private record Tampered(WritableByteChannel target, Tampering tampering)
      implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int length = bytes.remaining();
      byte[] copy = new byte[tampering == Tampering.CUT ? length / 2 : length];
      bytes.get(copy).position(bytes.limit());
      if (tampering == Tampering.ALTER) {
        copy[length / 2] ^= 1;
      }
      target.write(ByteBuffer.wrap(copy));
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void oneAlteredBitIsFoundAndNothingStays() throws Exception {
    ObjectProof proof = put(content(5 * PART));
    AtomicInteger alterations = new AtomicInteger(1);
    tamper(alterations, Tampering.ALTER);

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("checksum mismatch")
        .hasMessageContaining(KEY.value())
        .hasMessageContaining("expected=" + proof.checksum())
        .hasMessageContaining("got=");

    assertThat(alterations.get()).isLessThanOrEqualTo(0);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void bodyThatBreaksEndsAsAFailureAndNothingStaysOfOneRange() throws Exception {
    ObjectProof proof = put(content(PART));
    tamper(new AtomicInteger(Integer.MAX_VALUE), Tampering.CUT);

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(StoreException.Unavailable.class);

    assertThat(store.fired()).isPositive();
    assertThat(directory).isEmptyDirectory();
  }

  /** Fails the reads of ranges that begin at or after the offset, until told otherwise. */
  private AtomicBoolean breakFrom(long startBytes) {
    AtomicBoolean broken = new AtomicBoolean(true);
    store.onRead(
        start -> {
          if (broken.get() && start >= startBytes) {
            throw new StoreException.Unavailable("injected: the store is gone", null);
          }
        });
    return broken;
  }

  @Test
  void cancelledDownloadLeavesNothing() throws Exception {
    ObjectProof proof = put(content(9 * PART));
    store.onRead(
        start -> {
          if (start >= 6 * PART) {
            transfer.cancel();
            throw new StoreException.Unavailable("injected: interrupted", null);
          }
        });

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(IOException.class);

    assertThat(store.fired()).isPositive();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void nextAttemptFetchesOnlyWhatIsMissing() throws Exception {
    byte[] content = content(9 * PART + 5);
    ObjectProof proof = put(content);
    AtomicBoolean broken = breakFrom(6 * PART);
    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(store.fired()).isPositive();
    broken.set(false);
    int before = store.requests(StoreOperation.GET);
    transfer = transfer();

    Path temporary = new RangedDownloader(store, pool, PART).fetch(transfer, proof, target());

    assertThat(temporary).hasBinaryContent(content);
    assertThat(store.requests(StoreOperation.GET) - before).isEqualTo(4);
    assertThat(transfer.doneBytes()).isEqualTo(content.length);
    assertThat(directory).isDirectoryNotContaining("glob:**.part-ranges");
  }

  @Test
  void rangeThatIsNotOnDiskAsListedIsFetchedAgain() throws Exception {
    byte[] content = content(9 * PART);
    ObjectProof proof = put(content);
    AtomicBoolean broken = breakFrom(6 * PART);
    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(StoreException.Unavailable.class);
    broken.set(false);
    Path data = directory.resolve("00000000000000000000.log.part-data");
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}), PART + 7);
    }
    int before = store.requests(StoreOperation.GET);

    Path temporary = downloader.fetch(transfer, proof, target());

    assertThat(temporary).hasBinaryContent(content);
    assertThat(store.requests(StoreOperation.GET) - before).isEqualTo(4);
  }

  @Test
  void listWithATornEndOrOfAnotherObjectDoesNoHarm() throws Exception {
    byte[] content = content(4 * PART);
    ObjectProof proof = put(content);
    AtomicBoolean broken = breakFrom(2 * PART);
    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(StoreException.Unavailable.class);
    Path list = directory.resolve("00000000000000000000.log.part-ranges");
    Files.writeString(list, "131072 655", StandardOpenOption.APPEND);
    broken.set(false);

    assertThat(downloader.fetch(transfer, proof, target())).hasBinaryContent(content);

    byte[] other = content(4 * PART + 1);
    ObjectProof another = put(other);
    Files.writeString(list, "takhin-download 1 1 AAAAAA== p/other\n0 65536 AAAAAA==\n");
    assertThat(downloader.fetch(transfer, another, target())).hasBinaryContent(other);
  }

  @Test
  void noMoreThanAFewBrokenOffDownloadsAreKept() throws Exception {
    ObjectProof proof = put(content(4 * PART));
    AtomicBoolean broken = breakFrom(2 * PART);
    for (int i = 0; i < 12; i++) {
      Path target = directory.resolve("file-" + i);
      assertThatThrownBy(() -> downloader.fetch(transfer, proof, target))
          .isInstanceOf(StoreException.Unavailable.class);
    }
    assertThat(broken).isTrue();

    assertThat(directory).isDirectoryContaining("glob:**/file-11.part-ranges");
    assertThat(directory).isDirectoryNotContaining("glob:**/file-0.part-*");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).hasSize(2 * 8);
    }
  }

  @Test
  void secondDownloadToTheSameFileIsRefused() throws Exception {
    ObjectProof proof = put(content(4 * PART));
    PartPlan plan = new PartPlan(proof.sizeBytes(), PART);
    PartialDownload.Opened first = PartialDownload.open(proof, plan, target());
    try (PartialDownload partial = first.partial()) {
      assertThat(partial.data()).exists();

      assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
          .hasMessageContaining("another download to the same file is under way: file=" + target());
    }
  }

  @Test
  void objectThatIsReplacedMeanwhileIsNotMixed() throws Exception {
    ObjectProof proof = put(content(5 * PART));
    store.inject(
        new Fault() {
          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.HEAD) {
              put(content(5 * PART + 1));
            }
          }
        });

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(StoreException.PreconditionFailed.class);

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void objectOfAnotherSizeIsNotDownloaded() throws Exception {
    put(content(PART));
    ObjectProof proof = new ObjectProof(KEY, PART + 1, Crc32c.EMPTY);

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("expected=" + (PART + 1) + " got=" + PART);

    assertThat(store.requests(StoreOperation.GET)).isZero();
  }

  @Test
  void objectOfOneRangeThatIsTooShortIsNamedWithBothSizes() throws Exception {
    put(content(10));
    ObjectProof proof = new ObjectProof(KEY, 11, Crc32c.EMPTY);

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("expected=11 got=10");

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void objectOfOneRangeThatIsReplacedIsFoundByItsChecksum() throws Exception {
    ObjectProof proof = put(content(PART));
    byte[] other = content(PART);
    other[0] ^= 1;
    put(other);

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("checksum mismatch")
        .hasMessageContaining("expected=" + proof.checksum());

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void missingObjectIsNamed() {
    ObjectProof proof = new ObjectProof(KEY, 11, Crc32c.EMPTY);

    assertThatThrownBy(() -> downloader.fetch(transfer, proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("object missing: key=" + KEY);
  }

  @Test
  void startRemovesTemporariesButWhatCanBeTakenUpAndIsAwaited() throws Exception {
    Path left = Files.createFile(directory.resolve("00000000000000000000.log.part-1"));
    Path listless = Files.createFile(directory.resolve("00000000000000000001.log.part-data"));
    Path awaited = Files.createFile(directory.resolve("00000000000000000002.log.part-data"));
    Files.createFile(directory.resolve("00000000000000000002.log.part-ranges"));
    Path unwanted = Files.createFile(directory.resolve("00000000000000000003.log.part-data"));
    Path list = Files.createFile(directory.resolve("00000000000000000003.log.part-ranges"));
    Path log = Files.createFile(target());

    RangedDownloader.removeTemporaries(
        directory, file -> !file.getFileName().toString().equals("00000000000000000003.log"));

    assertThat(log).exists();
    assertThat(awaited).exists();
    assertThat(List.of(left, listless, unwanted, list)).allMatch(Files::notExists);
  }
}
