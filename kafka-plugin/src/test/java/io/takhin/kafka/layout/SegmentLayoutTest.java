package io.takhin.kafka.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentLayoutTest {
  private static final long SEED = 20261121;
  private static final String LONGEST_PREFIX = "p".repeat(SegmentLayout.MAX_PREFIX_BYTES);

  @Test
  void readsWhatItWrote() {
    Random random = new Random(SEED);
    for (int round = 0; round < 1000; round++) {
      SegmentLayout layout = random(random);

      SegmentLayout read = SegmentLayout.parse(layout.toBytes());

      assertThat(read).as("round %s of seed %s", round, SEED).isEqualTo(layout);
    }
  }

  @Test
  void theLargestFitsWhatKafkaAllows() {
    SegmentLayout largest =
        new SegmentLayout(
            LONGEST_PREFIX,
            new RemoteIndexes(
                Integer.MAX_VALUE,
                new Crc32c(-1),
                new IndexSizes(10 << 20, 10 << 20, 10 << 20, 10 << 20, 10 << 20),
                new LogForm(0xFFFF_FFFFL, true, true)),
            new Crc32c(-1));

    assertThat(largest.toBytes()).hasSizeLessThanOrEqualTo(SegmentLayout.MAX_BYTES);
    assertThat(SegmentLayout.parse(largest.toBytes())).isEqualTo(largest);
  }

  @Test
  void theBytesAreThoseOfTheDocumentedFormat() {
    SegmentLayout layout =
        new SegmentLayout(
            "a/b",
            new RemoteIndexes(0x1122, new Crc32c(0x0A0B0C0D), new IndexSizes(1, 2, 3, 4, 5)),
            new Crc32c(0x01020304));

    byte[] bytes = layout.toBytes();

    assertThat(Arrays.copyOf(bytes, bytes.length - Integer.BYTES))
        .containsExactly(
            1, 0, // version, flags
            0, 0, 0, 0, 0, 0, 0x11, 0x22, // bytes of the log
            0x0A, 0x0B, 0x0C, 0x0D, // its checksum
            1, 2, 3, 4, // checksum of the index object
            0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, // sizes
            3, 'a', '/', 'b');
  }

  @Test
  void oneChangedByteIsNoticed() {
    byte[] good = random(new Random(SEED)).toBytes();
    for (int at = 0; at < good.length; at++) {
      byte[] changed = good.clone();
      changed[at] ^= 0x20;

      assertThatThrownBy(() -> SegmentLayout.parse(changed))
          .as("byte %s changed", at)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("invalid custom metadata");
    }
  }

  @Test
  void bytesOfOthersAreRefusedAndNothingElseHappens() {
    Random random = new Random(SEED);
    for (int round = 0; round < 20_000; round++) {
      byte[] noise = new byte[random.nextInt(140)];
      random.nextBytes(noise);
      if (noise.length > 0 && random.nextBoolean()) {
        noise[0] = 1;
      }

      assertThatThrownBy(() -> SegmentLayout.parse(noise))
          .as("round %s of seed %s", round, SEED)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aValidChecksumOverANonsensicalBodyIsRefusedToo() {
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = random(random).toBytes();
      bytes[2 + random.nextInt(bytes.length - 6)] = (byte) random.nextInt();
      sign(bytes);
      try {
        SegmentLayout read = SegmentLayout.parse(bytes);
        assertThat(read.toBytes()).isEqualTo(bytes);
      } catch (IllegalArgumentException e) {
        refused++;
      }
    }
    assertThat(refused).as("nonsense was among it").isPositive();
  }

  @Test
  void anUnknownFlagIsRefused() {
    byte[] bytes = random(new Random(SEED)).toBytes();
    bytes[1] = 4;
    sign(bytes);

    assertThatThrownBy(() -> SegmentLayout.parse(bytes))
        .hasMessageContaining("flags: expected 0 to 3, got 4");
  }

  @Test
  void aPrefixThatCannotBeOneIsRefused() {
    for (String prefix :
        new String[] {LONGEST_PREFIX + "p", "/a", "a/", "a//b", "a/../b", "ä", "a b"}) {
      assertThatThrownBy(() -> SegmentLayout.requirePrefix(prefix))
          .as(prefix)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("invalid key prefix");
    }
    SegmentLayout.requirePrefix("");
    SegmentLayout.requirePrefix("kafka/prod-1");
  }

  private static void sign(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int body = bytes.length - Integer.BYTES;
    buffer.putInt(body, Crc32c.of(buffer.slice(0, body)).value());
  }

  private static SegmentLayout random(Random random) {
    String prefix = LONGEST_PREFIX.substring(random.nextInt(LONGEST_PREFIX.length() + 1));
    int logBytes = random.nextInt(Integer.MAX_VALUE);
    int flags = random.nextInt(4);
    return new SegmentLayout(
        prefix,
        new RemoteIndexes(
            logBytes,
            new Crc32c(random.nextInt()),
            new IndexSizes(
                random.nextInt(1 << 20),
                random.nextInt(1 << 20),
                random.nextInt(2) * random.nextInt(1 << 20),
                random.nextInt(1 << 20),
                random.nextInt(1 << 20)),
            LogForm.of(flags, flags == 0 ? logBytes : random.nextInt(Integer.MAX_VALUE))),
        new Crc32c(random.nextInt()));
  }
}
