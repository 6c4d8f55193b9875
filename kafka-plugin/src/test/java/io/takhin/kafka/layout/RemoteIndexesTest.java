package io.takhin.kafka.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RemoteIndexesTest {
  private static final int HEADER_BYTES = 56;
  private static final RemoteIndexes EXAMPLE =
      new RemoteIndexes(300_000, new Crc32c(77), new IndexSizes(16, 24, 0, 30, 100));

  private static final RemoteIndexes IN_BLOCKS =
      new RemoteIndexes(
          300_000,
          new Crc32c(77),
          new IndexSizes(16, 24, 0, 30, 100),
          new LogForm(1_000_000, true, true));

  @Test
  void readsTheHeaderItWrote() {
    assertThat(RemoteIndexes.parse(header(EXAMPLE))).isEqualTo(EXAMPLE);
    assertThat(RemoteIndexes.parse(header(IN_BLOCKS))).isEqualTo(IN_BLOCKS);
  }

  @Test
  void ofALogInBlocksTheKeyAndTheSizesOfTheBlocksComeFirst() {
    assertThat(IN_BLOCKS.checksumsAt()).isEqualTo(72);
    assertThat(IN_BLOCKS.keyAt()).isEqualTo(72 + 3 * 4);
    assertThat(IN_BLOCKS.blockSizesAt()).isEqualTo(84 + 1024);
    assertThat(IN_BLOCKS.blockSizesBytes()).isEqualTo(8 * 4 + 16);
    assertThat(IN_BLOCKS.startOf(IndexKind.OFFSET)).isEqualTo(1108 + 48);
    assertThat(IN_BLOCKS.startOf(IndexKind.TIME)).isEqualTo(1156 + 16 + 16);
    assertThat(IN_BLOCKS.startOf(IndexKind.TRANSACTION)).isEqualTo(1188 + 24 + 16);
    assertThat(IN_BLOCKS.startOf(IndexKind.LEADER_EPOCH)).isEqualTo(1228);
    assertThat(IN_BLOCKS.startOf(IndexKind.PRODUCER_SNAPSHOT)).isEqualTo(1228 + 30 + 16);
    assertThat(IN_BLOCKS.totalBytes()).isEqualTo(1274 + 100 + 16);
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
    for (RemoteIndexes example : List.of(EXAMPLE, IN_BLOCKS)) {
      for (int at = 0; at < header(example).limit(); at++) {
        ByteBuffer damaged = header(example);
        damaged.put(at, (byte) (damaged.get(at) ^ 1));

        assertThatThrownBy(() -> RemoteIndexes.parse(damaged))
            .as("byte %s", at)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("index");
      }
    }
  }

  @Test
  void aHeaderThatIsCutOffIsRefused() {
    for (int length = 0; length < HEADER_BYTES; length++) {
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
      byte[] bytes = new byte[HEADER_BYTES - 16];
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
        .hasMessageContaining("invalid size of a log: expected 0 to");
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
    ByteBuffer header = ByteBuffer.allocate(RemoteIndexes.MAX_HEADER_BYTES);
    indexes.putHeader(header);
    return header.flip();
  }
}
