package io.takhin.tiered.store.throttled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import io.takhin.tiered.store.memory.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ThrottledStoreTest {
  private static final int MIB = 1 << 20;
  private static final ObjectKey KEY = new ObjectKey("p/object");

  private final SteppedTime time = new SteppedTime();
  private final MemoryStore bucket = new MemoryStore();
  private final RateLimits limits = new RateLimits(MIB, 2 * MIB, time);
  private final ThrottledStore store = new ThrottledStore(bucket, limits);

  @AfterEach
  void forgetInterrupts() {
    boolean unused = Thread.interrupted();
  }

  private static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return content;
  }

  private void put(byte[] content) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(content);
    store.put(KEY, body, Crc32c.of(body), PutOptions.BINARY);
  }

  private byte[] read(int bytes) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    store.read(KEY, 0, bytes, null, Channels.newChannel(target));
    return target.toByteArray();
  }

  @Test
  void uploadsKeepToTheirRate() throws Exception {
    for (int object = 0; object < 11; object++) {
      put(content(MIB));
    }

    assertThat(time.seconds()).isCloseTo(10, within(0.01));
  }

  @Test
  void partsKeepToTheSameRate() throws Exception {
    put(content(MIB));
    Multipart multipart = store.startMultipart(KEY, PutOptions.BINARY);
    List<Part> parts = new ArrayList<>();
    Crc32c whole = Crc32c.EMPTY;
    for (int number = 1; number <= 2; number++) {
      ByteBuffer body = ByteBuffer.wrap(content(5 * MIB));
      Part part = multipart.putPart(number, body, Crc32c.of(body));
      whole = whole.combine(part.checksum(), part.sizeBytes());
      parts.add(part);
    }
    multipart.complete(parts, whole);

    assertThat(time.seconds()).isCloseTo(1 + 5, within(0.01));
  }

  @Test
  void downloadsKeepToTheirOwnRateAndArriveWholeAndInSlices() throws Exception {
    // Given
    byte[] content = content(8 * MIB + 1);
    bucket.put(KEY, ByteBuffer.wrap(content), checksum(content), PutOptions.BINARY);
    ByteArrayOutputStream arrived = new ByteArrayOutputStream();
    List<Integer> slices = new ArrayList<>();

    // When
    store.read(KEY, 0, content.length, null, new Collecting(arrived, slices));

    // Then
    assertThat(arrived.toByteArray()).isEqualTo(content);
    assertThat(slices).allMatch(bytes -> bytes <= ThrottledStore.SLICE_BYTES);
    assertThat(time.seconds()).isCloseTo(4, within(0.1));
  }

  @Test
  void whatIsSmallOrHasNoPayloadWaitsForNobody() throws Exception {
    // Given a debt both ways
    put(content(64 * MIB));
    limits.download().take(64L * MIB);
    byte[] manifest = content(1000);
    ObjectKey key = new ObjectKey("p/manifest");

    // When
    store.put(key, ByteBuffer.wrap(manifest), checksum(manifest), PutOptions.BINARY);
    ByteArrayOutputStream back = new ByteArrayOutputStream();
    store.read(key, 0, manifest.length, null, Channels.newChannel(back));
    StoredObject large = store.head(KEY).orElseThrow();
    store.copies().copy(store.copies().source(large), new ObjectKey("p/copy"));
    store.startMultipart(KEY, PutOptions.BINARY).abort();
    assertThat(store.list("p/", null, 10)).hasSize(3);
    assertThat(store.pendingUploads("")).isEmpty();
    store.delete(KEY);

    // Then
    assertThat(back.toByteArray()).isEqualTo(manifest);
    assertThat(time.seconds()).isZero();
  }

  @Test
  void anInterruptWhileAnUploadWaitsSendsNothing() throws Exception {
    put(content(MIB));
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> put(content(2 * MIB)))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("interrupted")
        .hasMessageContaining("key=" + KEY);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(bucket.head(KEY).orElseThrow().sizeBytes()).isEqualTo(MIB);
  }

  @Test
  void anInterruptWhileADownloadWaitsSaysNothingOfItsTarget() throws Exception {
    byte[] content = content(MIB);
    bucket.put(KEY, ByteBuffer.wrap(content), checksum(content), PutOptions.BINARY);
    WritableByteChannel interrupting =
        new Collecting(new ByteArrayOutputStream(), new ArrayList<>()) {
          @Override
          public int write(ByteBuffer bytes) throws IOException {
            Thread.currentThread().interrupt();
            return super.write(bytes);
          }
        };

    assertThatThrownBy(() -> store.read(KEY, 0, MIB, null, interrupting))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("read interrupted");

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aTargetThatFailsIsToldAsSuch() throws Exception {
    byte[] content = content(MIB);
    bucket.put(KEY, ByteBuffer.wrap(content), checksum(content), PutOptions.BINARY);
    IOException full = new IOException("No space left on device");
    WritableByteChannel failing =
        new Collecting(new ByteArrayOutputStream(), new ArrayList<>()) {
          @Override
          public int write(ByteBuffer bytes) throws IOException {
            throw full;
          }
        };

    assertThatThrownBy(() -> store.read(KEY, 0, MIB, null, failing))
        .isInstanceOf(TargetException.class)
        .hasCause(full);
  }

  @Test
  void limitsAreChangedOneByOne() throws Exception {
    limits.setUpload(RateLimits.UNLIMITED);
    put(content(64 * MIB));
    put(content(64 * MIB));
    assertThat(time.seconds()).isZero();

    limits.setDownload(4 * MIB);
    assertThat(read(64 * MIB)).hasSize(64 * MIB);

    assertThat(limits.uploadBytesPerSecond()).isZero();
    assertThat(limits.downloadBytesPerSecond()).isEqualTo(4 * MIB);
    assertThat(time.seconds()).isCloseTo(16, within(0.2));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1, 1023, Long.MIN_VALUE})
  void aRateThatIsNoneIsRefusedAndChangesNothing(long bytesPerSecond) {
    assertThatThrownBy(() -> limits.setUpload(bytesPerSecond))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("upload", "1024", String.valueOf(bytesPerSecond));
    assertThatThrownBy(() -> limits.setDownload(bytesPerSecond))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RateLimits(0, bytesPerSecond))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("download");
    assertThat(limits.uploadBytesPerSecond()).isEqualTo(MIB);
    assertThat(limits.downloadBytesPerSecond()).isEqualTo(2 * MIB);
  }

  private static Crc32c checksum(byte[] content) {
    return Crc32c.of(ByteBuffer.wrap(content));
  }

  /** Keeps what is written, and in which pieces it came. */
  private static class Collecting implements WritableByteChannel {
    private final ByteArrayOutputStream arrived;
    private final List<Integer> slices;

    Collecting(ByteArrayOutputStream arrived, List<Integer> slices) {
      this.arrived = arrived;
      this.slices = slices;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int count = bytes.remaining();
      byte[] copy = new byte[count];
      bytes.get(copy);
      arrived.writeBytes(copy);
      slices.add(count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
