package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract's chapter on ranges, conditions on reads, and targets that fail. */
interface ReadingContract extends ContractSubject {
  int SIZE_BYTES = 300_000;

  @ParameterizedTest
  @CsvSource({"0, 300000", "0, 1", "299999, 1", "1, 299998", "70000, 140000", "131072, 131072"})
  default void readsARange(int startBytes, int lengthBytes) throws Exception {
    // Given
    byte[] bytes = bytes(SIZE_BYTES, 20);
    put(key("object"), bytes);

    // When
    byte[] range = read(key("object"), startBytes, lengthBytes);

    // Then
    assertThat(range).isEqualTo(Arrays.copyOfRange(bytes, startBytes, startBytes + lengthBytes));
  }

  @ParameterizedTest
  @CsvSource({"0", "150000", "300000"})
  default void writesNothingForAnEmptyRange(int startBytes) throws Exception {
    // Given
    put(key("object"), bytes(SIZE_BYTES, 21));

    // When
    byte[] range = read(key("object"), startBytes, 0);

    // Then
    assertThat(range).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 300001", "299999, 2", "300000, 1", "900000, 10", "1, 9223372036854775807"})
  default void reportsARangePastTheEnd(long startBytes, long lengthBytes) throws Exception {
    // Given
    put(key("object"), bytes(SIZE_BYTES, 22));

    // When / Then
    assertThatThrownBy(() -> read(key("object"), startBytes, lengthBytes))
        .isInstanceOf(StoreException.Corrupt.class)
        .hasMessageContaining(key("object").value());
  }

  @ParameterizedTest
  @CsvSource({"0", "10"})
  default void reportsAnObjectThatIsNotThere(long lengthBytes) {
    assertThatThrownBy(() -> read(key("nothing"), 0, lengthBytes))
        .isInstanceOf(StoreException.NotFound.class)
        .hasMessageContaining(key("nothing").value());
  }

  @Test
  default void readsTheObjectThatWasMeant() throws Exception {
    // Given
    StoredObject object = put(key("object"), bytes(1_000, 23));
    ByteArrayOutputStream target = new ByteArrayOutputStream();

    // When
    store().read(key("object"), 0, 1_000, object.etag(), Channels.newChannel(target));

    // Then
    assertThat(target.toByteArray()).isEqualTo(bytes(1_000, 23));
  }

  @ParameterizedTest
  @CsvSource({"0", "1000"})
  default void refusesToReadAnObjectThatHasChanged(long lengthBytes) throws Exception {
    // Given
    StoredObject former = put(key("object"), bytes(1_000, 24));
    put(key("object"), bytes(1_000, 25));
    ByteArrayOutputStream target = new ByteArrayOutputStream();

    // When / Then
    assertThatThrownBy(
            () ->
                store()
                    .read(
                        key("object"), 0, lengthBytes, former.etag(), Channels.newChannel(target)))
        .isInstanceOf(StoreException.PreconditionFailed.class)
        .hasMessageContaining(key("object").value());
    assertThat(target.size()).isZero();
  }

  @Test
  default void reportsATargetThatFails() throws Exception {
    // Given
    put(key("object"), bytes(SIZE_BYTES, 26));
    IOException full = new IOException("No space left on device");
    AtomicInteger writes = new AtomicInteger();

    // When / Then
    assertThatThrownBy(
            () ->
                store()
                    .read(
                        key("object"),
                        0,
                        SIZE_BYTES,
                        null,
                        target(
                            bytes -> {
                              writes.incrementAndGet();
                              throw full;
                            })))
        .isInstanceOf(TargetException.class)
        .hasCause(full);
    assertThat(writes).as("a target that failed is not written to again").hasValue(1);
    assertThat(read(key("object"), 0, 10)).as("the store goes on").hasSize(10);
  }

  @Test
  default void fillsATargetThatTakesLittleAtATime() throws Exception {
    // Given
    byte[] bytes = bytes(10_000, 27);
    put(key("object"), bytes);
    ByteArrayOutputStream taken = new ByteArrayOutputStream();

    // When
    store()
        .read(
            key("object"),
            0,
            bytes.length,
            null,
            target(
                offered -> {
                  int count = Math.min(7, offered.remaining());
                  for (int index = 0; index < count; index++) {
                    taken.write(offered.get());
                  }
                  return count;
                }));

    // Then
    assertThat(taken.toByteArray()).isEqualTo(bytes);
  }

  @Test
  default void leavesTheTargetOpen() throws Exception {
    // Given
    put(key("object"), bytes(10, 28));
    WritableByteChannel target = Channels.newChannel(new ByteArrayOutputStream());

    // When
    store().read(key("object"), 0, 10, null, target);

    // Then
    assertThat(target.isOpen()).isTrue();
  }

  /** A target in one method. */
  @FunctionalInterface
  interface Taker {
    int take(ByteBuffer bytes) throws IOException;
  }

  private static WritableByteChannel target(Taker taker) {
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer source) throws IOException {
        return taker.take(source);
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {
        throw new AssertionError("the target belongs to the caller");
      }
    };
  }
}
