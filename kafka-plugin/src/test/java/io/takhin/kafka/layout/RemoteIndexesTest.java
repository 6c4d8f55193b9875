package io.takhin.kafka.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RemoteIndexesTest {
  private static final RemoteIndexes EXAMPLE =
      new RemoteIndexes(300_000, new Crc32c(77), new IndexSizes(16, 24, 0, 30, 100));

  @Test
  void readsTheHeaderItWrote() {
    assertThat(RemoteIndexes.parse(header(EXAMPLE))).isEqualTo(EXAMPLE);
  }

  @Test
  void thePartsLieOneAfterTheOther() {
    assertThat(EXAMPLE.chunkCount()).isEqualTo(3);
    assertThat(EXAMPLE.checksumsAt()).isEqualTo(56);
    assertThat(EXAMPLE.startOf(IndexKind.OFFSET)).isEqualTo(56 + 12);
    assertThat(EXAMPLE.startOf(IndexKind.TIME)).isEqualTo(68 + 16);
    assertThat(EXAMPLE.startOf(IndexKind.TRANSACTION)).isEqualTo(84 + 24);
    assertThat(EXAMPLE.startOf(IndexKind.LEADER_EPOCH)).isEqualTo(108);
    assertThat(EXAMPLE.startOf(IndexKind.PRODUCER_SNAPSHOT)).isEqualTo(138);
    assertThat(EXAMPLE.totalBytes()).isEqualTo(238);
  }

  @Test
  void anyDamageOfTheHeaderIsNoticed() {
    for (int at = 0; at < RemoteIndexes.HEADER_BYTES; at++) {
      ByteBuffer damaged = header(EXAMPLE);
      damaged.put(at, (byte) (damaged.get(at) ^ 1));

      assertThatThrownBy(() -> RemoteIndexes.parse(damaged))
          .as("byte %s", at)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("index");
    }
  }

  @Test
  void aHeaderThatIsCutOffIsRefused() {
    for (int length = 0; length < RemoteIndexes.HEADER_BYTES; length++) {
      ByteBuffer cut = header(EXAMPLE).limit(length);

      assertThatThrownBy(() -> RemoteIndexes.parse(cut))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected 56, got " + length);
    }
  }

  @Test
  void noiseIsRefusedAndNothingElseHappens() {
    Random random = new Random(7);
    for (int round = 0; round < 5000; round++) {
      ByteBuffer noise = header(EXAMPLE);
      byte[] bytes = new byte[RemoteIndexes.HEADER_BYTES - 16];
      random.nextBytes(bytes);
      noise.put(16, bytes);
      noise.putInt(52, Crc32c.of(noise.slice(0, 52)).value());

      assertThatThrownBy(() -> RemoteIndexes.parse(noise))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whatOneBufferCannotHoldIsRefused() {
    assertThatThrownBy(() -> new RemoteIndexes(-1, Crc32c.EMPTY, new IndexSizes(0, 0, 0, 0, 0)))
        .hasMessageContaining("invalid size of a log: -1");
    assertThatThrownBy(
            () ->
                new RemoteIndexes(
                    1 << 20, Crc32c.EMPTY, new IndexSizes(Integer.MAX_VALUE, 0, 0, 0, 0)))
        .hasMessageContaining("index object too large");
    assertThatThrownBy(() -> new IndexSizes(Integer.MAX_VALUE, 1, 0, 0, 0))
        .hasMessageContaining("indexes too large");
    assertThatThrownBy(() -> new IndexSizes(0, 0, -5, 0, 0)).hasMessageContaining("-5");
  }

  private static ByteBuffer header(RemoteIndexes indexes) {
    ByteBuffer header = ByteBuffer.allocate(RemoteIndexes.HEADER_BYTES);
    indexes.putHeader(header);
    return header.flip();
  }
}
