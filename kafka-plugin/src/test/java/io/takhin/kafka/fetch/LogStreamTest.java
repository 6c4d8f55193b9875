package io.takhin.kafka.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogStreamTest {
  private static final int CHUNK = 128 << 10;
  private static final int PIECE = 100_001;
  private static final byte[] LOG = new byte[20 << 20];

  static {
    new Random(5).nextBytes(LOG);
  }

  private final List<Long> asked = new ArrayList<>();

  @Test
  void readsToTheEnd() throws IOException {
    try (LogStream stream = stream(1_234_567, LOG.length)) {
      assertThat(stream.readAllBytes()).isEqualTo(Arrays.copyOfRange(LOG, 1_234_567, LOG.length));
      assertThat(stream.read()).isEqualTo(-1);
      assertThat(stream.read(new byte[10])).isEqualTo(-1);
    }
  }

  @Test
  void endsWhereItIsToldTo() throws IOException {
    try (LogStream stream = stream(100, 101)) {
      assertThat(stream.read()).isEqualTo(Byte.toUnsignedInt(LOG[100]));
      assertThat(stream.read()).isEqualTo(-1);
    }
  }

  @Test
  void anyMixOfReadsAndSkipsGivesTheSameBytes() throws IOException {
    Random random = new Random(6);
    int at = 77;
    try (LogStream stream = stream(at, LOG.length)) {
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      for (int round = 0; round < 200; round++) {
        if (random.nextInt(4) == 0) {
          stream.skipNBytes(10_000);
          assertThat(got.toByteArray()).isEqualTo(Arrays.copyOfRange(LOG, at, at + got.size()));
          at += got.size() + 10_000;
          got.reset();
        } else {
          got.writeBytes(stream.readNBytes(random.nextInt(70_000)));
        }
      }
      assertThat(stream.available()).isNotNegative();
    }
  }

  @Test
  void oneDefaultFetchIsOneWindowThatEndsWithAChunk() throws IOException {
    try (LogStream stream = stream(CHUNK + 5, LOG.length)) {
      byte[] fetched = stream.readNBytes(1_113_716);

      assertThat(fetched).hasSize(1_113_716);
      assertThat(asked).hasSize(1);
      assertThat((CHUNK + 5 + asked.get(0)) % CHUNK).isZero();
    }
  }

  @Test
  void aReadGivesAllThatIsHere() throws IOException {
    try (LogStream stream = stream(0, LOG.length)) {
      stream.fill();
      byte[] into = new byte[1_113_716];

      assertThat(stream.available()).isEqualTo(10 * CHUNK);
      assertThat(stream.read(into)).isEqualTo(into.length);
      assertThat(into).isEqualTo(Arrays.copyOf(LOG, into.length));
      assertThat(asked).hasSize(1);
    }
  }

  @Test
  void windowsGrowToALimit() throws IOException {
    try (LogStream stream = stream(0, LOG.length)) {
      byte[] unused = stream.readAllBytes();

      assertThat(asked).startsWith(10L * CHUNK, 20L * CHUNK, 32L * CHUNK, 32L * CHUNK);
    }
  }

  @Test
  void whatFailsIsToldAndMayBeTriedAgain() throws IOException {
    IOException failure = new IOException("not now");
    boolean[] fails = {true};
    try (LogStream stream =
        new LogStream(
            (position, length) -> {
              if (fails[0]) {
                throw failure;
              }
              return pieces(position, length);
            },
            0,
            LOG.length)) {
      assertThatThrownBy(stream::read).isSameAs(failure);
      fails[0] = false;
      assertThat(stream.read()).isEqualTo(Byte.toUnsignedInt(LOG[0]));
    }
  }

  @Test
  void afterItsCloseItGivesNothing() throws IOException {
    LogStream stream = stream(0, LOG.length);
    assertThat(stream.read()).isNotNegative();
    stream.close();

    assertThatThrownBy(stream::read).hasMessageContaining("closed");
  }

  private LogStream stream(long start, long end) {
    return new LogStream(
        (position, length) -> {
          asked.add((long) length);
          return pieces(position, length);
        },
        start,
        end);
  }

  /** Of a size that no window is a multiple of. */
  private static List<byte[]> pieces(long position, int length) {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < length; at += PIECE) {
      int from = (int) position + at;
      pieces.add(Arrays.copyOfRange(LOG, from, from + Math.min(PIECE, length - at)));
    }
    return pieces;
  }
}
