package io.takhin.tiered.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Crc32cTest {

  /** The check value of the CRC catalogue: the checksum of the nine digits. */
  @Test
  void checksumOfTheNineDigitsIsThePublishedOne() {
    Crc32c crc = Crc32c.of(ByteBuffer.wrap("123456789".getBytes(StandardCharsets.US_ASCII)));

    assertThat(crc).hasToString("crc32c:e3069283");
    assertThat(crc.base64()).isEqualTo("4waSgw==");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void partsCombineToTheWholeHoweverItIsSplit(long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[random.nextInt(100_000)];
    random.nextBytes(bytes);

    Crc32c combined = Crc32c.EMPTY;
    for (int start = 0; start < bytes.length; ) {
      int length = Math.min(bytes.length - start, random.nextInt(5_000));
      combined = combined.combine(Crc32c.of(ByteBuffer.wrap(bytes, start, length)), length);
      start += length;
    }

    assertThat(combined).isEqualTo(Crc32c.of(ByteBuffer.wrap(bytes)));
  }

  @Test
  void combiningIsAssociativeAndNothingChangesNothing() {
    Crc32c a = new Crc32c(0x1234_5678);
    Crc32c b = new Crc32c(0x9abc_def0);
    Crc32c c = new Crc32c(0x0fed_cba9);
    long gibibytes = 3L << 30; // beyond what an int holds

    assertThat(a.combine(b, 5).combine(c, gibibytes))
        .isEqualTo(a.combine(b.combine(c, gibibytes), gibibytes + 5));
    assertThat(a.combine(Crc32c.EMPTY, 0)).isEqualTo(a);
    assertThat(Crc32c.EMPTY.combine(b, gibibytes)).isEqualTo(b);
  }

  @Test
  void bufferIsLeftAsItWas() {
    ByteBuffer buffer = ByteBuffer.wrap(new byte[10]).position(3).limit(7);

    Crc32c crc = Crc32c.of(buffer);

    assertThat(buffer.position()).isEqualTo(3);
    assertThat(buffer.limit()).isEqualTo(7);
    assertThat(crc).isEqualTo(Crc32c.of(ByteBuffer.allocate(4)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1, Integer.MIN_VALUE, 0xe3069283})
  void base64IsReadBack(int value) {
    Crc32c crc = new Crc32c(value);

    assertThat(Crc32c.parseBase64(crc.base64())).isEqualTo(crc);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AAAA", "AAAAAAA=", "no base64!"})
  void refusesWhatIsNoChecksum(String text) {
    assertThatThrownBy(() -> Crc32c.parseBase64(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
