package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore;
import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.FaultyStore.Op;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final TransferPool pool = new TransferPool("test-download", new TransferOptions(PART, 3));
  private final RangedDownloader downloader = new RangedDownloader(store, pool);
  @TempDir Path directory;

  @AfterEach
  void close() {
    pool.close();
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

    Path temporary = downloader.fetch(proof, target());
    assertThat(target()).doesNotExist();
    assertThat(RangedDownloader.isTemporary(temporary)).isTrue();
    RangedDownloader.place(temporary, target());

    assertThat(target()).hasBinaryContent(content);
    assertThat(temporary).doesNotExist();
    int ranges = (bytes + PART - 1) / PART;
    assertThat(store.requests(Op.READ)).isEqualTo(ranges);
    assertThat(store.requests(Op.HEAD)).isEqualTo(ranges == 1 ? 0 : 1);
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
          public void after(Op op, String key) throws StoreException {
            if (op == Op.READ && tampering == Tampering.CUT && left.get() >= 0) {
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

    assertThatThrownBy(() -> downloader.fetch(proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("checksum mismatch")
        .hasMessageContaining(KEY.value())
        .hasMessageContaining("expected=" + proof.checksum())
        .hasMessageContaining("got=");

    assertThat(alterations.get()).isLessThanOrEqualTo(0);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void brokenBodyIsContinuedWhereItEnded() throws Exception {
    byte[] content = content(PART);
    ObjectProof proof = put(content);
    tamper(new AtomicInteger(2), Tampering.CUT);

    Path temporary = downloader.fetch(proof, target());

    assertThat(store.fired()).isPositive();
    assertThat(temporary).hasBinaryContent(content);
  }

  @Test
  void bodyThatKeepsBreakingEndsAsAFailure() throws Exception {
    ObjectProof proof = put(content(PART));
    tamper(new AtomicInteger(Integer.MAX_VALUE), Tampering.CUT);

    assertThatThrownBy(() -> downloader.fetch(proof, target()))
        .isInstanceOf(StoreException.Unavailable.class);

    assertThat(store.requests(Op.READ)).isLessThan(10);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void objectThatIsReplacedMeanwhileIsNotMixed() throws Exception {
    ObjectProof proof = put(content(5 * PART));
    store.inject(
        new Fault() {
          @Override
          public void after(Op op, String key) throws StoreException {
            if (op == Op.HEAD) {
              put(content(5 * PART + 1));
            }
          }
        });

    assertThatThrownBy(() -> downloader.fetch(proof, target()))
        .isInstanceOf(StoreException.PreconditionFailed.class);

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void objectOfAnotherSizeIsNotDownloaded() throws Exception {
    put(content(PART));
    ObjectProof proof = new ObjectProof(KEY, PART + 1, Crc32c.EMPTY);

    assertThatThrownBy(() -> downloader.fetch(proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("expected=" + (PART + 1) + " got=" + PART);

    assertThat(store.requests(Op.READ)).isZero();
  }

  @Test
  void objectOfOneRangeThatIsTooShortIsNamedWithBothSizes() throws Exception {
    put(content(10));
    ObjectProof proof = new ObjectProof(KEY, 11, Crc32c.EMPTY);

    assertThatThrownBy(() -> downloader.fetch(proof, target()))
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

    assertThatThrownBy(() -> downloader.fetch(proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("checksum mismatch")
        .hasMessageContaining("expected=" + proof.checksum());

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void missingObjectIsNamed() {
    ObjectProof proof = new ObjectProof(KEY, 11, Crc32c.EMPTY);

    assertThatThrownBy(() -> downloader.fetch(proof, target()))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("object missing: key=" + KEY);
  }

  @Test
  void onlyTemporariesAreRemovedAtTheStart() throws Exception {
    Path left = Files.createFile(directory.resolve("00000000000000000000.log.part-1"));
    Path log = Files.createFile(target());

    RangedDownloader.removeTemporaries(directory);

    assertThat(left).doesNotExist();
    assertThat(log).exists();
  }
}
