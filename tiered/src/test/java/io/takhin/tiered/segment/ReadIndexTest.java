package io.takhin.tiered.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadIndexTest {
  private static final SegmentId ID = SegmentId.of("orders", 0, 0);

  @TempDir Path root;

  private SegmentFiles write(byte[] log, byte[] index, byte[] timeIndex) throws Exception {
    Path directory = Files.createDirectories(root.resolve("orders-0"));
    Files.write(directory.resolve(FileKind.LOG.fileName(ID)), log);
    Files.write(directory.resolve(FileKind.INDEX.fileName(ID)), index);
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(ID)), timeIndex);
    return SegmentFiles.locate(root, ID);
  }

  private static byte[] bytes(ByteBuffer object) {
    byte[] bytes = new byte[object.remaining()];
    object.duplicate().get(bytes);
    return bytes;
  }

  private static int checksum(byte[] bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, to - from);
    return (int) crc.getValue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, ReadIndex.CHUNK_BYTES, 2 * ReadIndex.CHUNK_BYTES + 5})
  void holdsBothIndexesAndAChecksumOfEachChunk(int logBytes) throws Exception {
    // Given
    byte[] log = new byte[logBytes];
    new Random(logBytes).nextBytes(log);
    byte[] index = {1, 2, 3, 4, 5, 6, 7, 8};
    byte[] timeIndex = {9, 10, 11};

    // When
    ByteBuffer object = ReadIndex.build(write(log, index, timeIndex));

    // Then
    ReadIndex layout = ReadIndex.parse(object);
    assertThat(layout).isEqualTo(new ReadIndex(logBytes, 8, 3));
    assertThat(object.remaining()).isEqualTo(layout.totalBytes());
    assertThat(layout.chunkCount())
        .isEqualTo((logBytes + ReadIndex.CHUNK_BYTES - 1) / ReadIndex.CHUNK_BYTES);
    for (int chunk = 0; chunk < layout.chunkCount(); chunk++) {
      int from = chunk * ReadIndex.CHUNK_BYTES;
      int to = Math.min(logBytes, from + ReadIndex.CHUNK_BYTES);
      assertThat(object.getInt(layout.checksumsAt() + chunk * 4))
          .isEqualTo(checksum(log, from, to));
    }
    byte[] bytes = bytes(object);
    assertThat(Arrays.copyOfRange(bytes, layout.offsetIndexAt(), layout.timeIndexAt()))
        .isEqualTo(index);
    assertThat(Arrays.copyOfRange(bytes, layout.timeIndexAt(), layout.totalBytes()))
        .isEqualTo(timeIndex);
  }

  /** The format is a promise: these bytes change with the version only. */
  @Test
  void headerIsAsDocumented() throws Exception {
    ByteBuffer object = ReadIndex.build(write(new byte[3], new byte[8], new byte[12]));

    assertThat(HexFormat.of().formatHex(bytes(object), 0, 36))
        .isEqualTo(
            "544b484e52494458"
                + "00000001"
                + "00020000"
                + "0000000000000003"
                + "00000001"
                + "00000008"
                + "0000000c");
  }

  @Test
  void segmentWithoutIndexesHasEmptyOnes() throws Exception {
    SegmentFiles files = write(new byte[10], new byte[0], new byte[0]);
    Files.delete(files.path(FileKind.INDEX).orElseThrow());
    Files.delete(files.path(FileKind.TIMEINDEX).orElseThrow());

    ByteBuffer object = ReadIndex.build(SegmentFiles.locate(root, ID));

    assertThat(ReadIndex.parse(object)).isEqualTo(new ReadIndex(10, 0, 0));
  }

  @Test
  void logOfMoreThanTwoGibibytesFits() {
    ReadIndex layout = new ReadIndex(5L << 30, 100, 200);

    assertThat(layout.chunkCount()).isEqualTo(40_960);
    assertThat(layout.offsetIndexAt()).isEqualTo(40 + 4 * 40_960);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 13, 17, 25, 29, 33, 37})
  void damagedHeaderIsRefused(int at) throws Exception {
    ByteBuffer object = ReadIndex.build(write(new byte[3], new byte[8], new byte[12]));
    object.put(at, (byte) (object.get(at) + 1));

    assertThatThrownBy(() -> ReadIndex.parse(object))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("invalid read index");
  }
}
