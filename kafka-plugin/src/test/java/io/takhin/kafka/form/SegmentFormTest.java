package io.takhin.kafka.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.IndexSizes;
import io.takhin.kafka.layout.LogForm;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.WrappedKey;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is stored of a log and its indexes, and what comes back of it. */
class SegmentFormTest {
  private static final int BLOCK = LogForm.BLOCK_BYTES;
  private static final RemoteSegmentId SEGMENT =
      new RemoteSegmentId(
          SegmentId.of("orders", 3, 1000), "PzaWQqJzQZuUQq1tqKyN0A", "wHDQ-_1aSvKJQq1tqKyN0A");

  @TempDir Path directory;
  private KeyRing keys;

  @BeforeEach
  void makeKey() throws IOException {
    keys = KeyRing.read(Map.of("k1", KeyFiles.aes(directory.resolve("key"), 1)), Optional.of("k1"));
  }

  /** A log as it is stored. */
  private static final class Stored {
    final RemoteIndexes indexes;
    final byte[] log;
    final byte[] blockSizes;
    final Optional<WrappedKey> key;

    Stored(RemoteIndexes indexes, byte[] log, byte[] blockSizes, Optional<WrappedKey> key) {
      this.indexes = indexes;
      this.log = log;
      this.blockSizes = blockSizes;
      this.key = key;
    }

    Stored withLog(byte[] other) {
      return new Stored(indexes, other, blockSizes, key);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, 0",
    "true, false, 1",
    "true, true, 131072",
    "true, true, 131073",
    "true, true, 1500000",
    "false, true, 0",
    "false, true, 131071",
    "false, true, 1500000",
    "true, false, 1500000"
  })
  void anyRangeComesBack(boolean isCompressed, boolean isEncrypted, int bytes) throws Exception {
    byte[] log = halfText(bytes);
    Stored stored = store(log, new LogForm(bytes, isCompressed, isEncrypted));
    SegmentDecoder decoder = decoder(SEGMENT, stored, stored.blockSizes);
    Random random = new Random(5);

    for (int round = 0; round < 40 && bytes > 0; round++) {
      int start = round == 0 ? 0 : random.nextInt(bytes);
      int end = round == 0 ? bytes : start + 1 + random.nextInt(bytes - start);
      ByteRange plain = new ByteRange(start, end);
      ByteRange needed = decoder.stored(plain);
      assertThat(decoder.plain(plain, slice(stored.log, needed)))
          .as("%s of %s", plain, bytes)
          .isEqualTo(Arrays.copyOfRange(log, start, end));
    }
    if (isCompressed && bytes > BLOCK) {
      assertThat(stored.log.length).isLessThan(bytes * 3 / 4);
    }
    if (isEncrypted) {
      assertThat(new String(stored.log, StandardCharsets.ISO_8859_1)).doesNotContain("some words");
    }
  }

  @Test
  void aBlockThatDoesNotShrinkIsLeftAsItIs() throws Exception {
    byte[] log = new byte[3 * BLOCK];
    new Random(1).nextBytes(log);
    Arrays.fill(log, BLOCK, 2 * BLOCK, (byte) 'x');

    Stored stored = store(log, new LogForm(log.length, true, false));

    assertThat(Arrays.copyOf(stored.log, BLOCK)).isEqualTo(Arrays.copyOf(log, BLOCK));
    assertThat(stored.log.length).isBetween(2 * BLOCK, 2 * BLOCK + 100);
    assertThat(all(SEGMENT, stored, log.length)).isEqualTo(log);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void swappedBlocksAreFound(boolean isCompressed) throws Exception {
    byte[] log = new byte[3 * BLOCK];
    Arrays.fill(log, BLOCK, 2 * BLOCK, (byte) 'x');
    Stored stored = store(log, new LogForm(log.length, isCompressed, true));
    int first = stored.log.length / 3; // All of a size: they differ in one letter.
    byte[] swapped = stored.log.clone();
    System.arraycopy(stored.log, 0, swapped, first, first);
    System.arraycopy(stored.log, first, swapped, 0, first);

    assertThatThrownBy(() -> all(SEGMENT, stored.withLog(swapped), log.length))
        .isInstanceOf(DamagedFormException.class)
        .hasMessageContaining("altered or belongs elsewhere")
        .hasMessageContaining("part=block-0")
        .hasMessageContaining("key_id=k1");
  }

  @Test
  void oneChangedBitIsFoundWhereverItIs() throws Exception {
    byte[] log = halfText(2 * BLOCK + 10);
    Stored stored = store(log, new LogForm(log.length, true, true));
    Random random = new Random(2);
    for (int round = 0; round < 20; round++) {
      byte[] damaged = stored.log.clone();
      damaged[random.nextInt(damaged.length)] ^= 4;
      byte[] sizes = stored.blockSizes.clone();
      sizes[random.nextInt(sizes.length)] ^= 4;

      assertThatThrownBy(() -> all(SEGMENT, stored.withLog(damaged), log.length))
          .isInstanceOf(DamagedFormException.class);
      assertThatThrownBy(() -> decoder(SEGMENT, stored, sizes))
          .isInstanceOf(DamagedFormException.class)
          .hasMessageContaining("part=block-sizes");
    }
  }

  @Test
  void aLogIsOfOneSegmentAndOfOneSize() throws Exception {
    byte[] log = halfText(2 * BLOCK);
    Stored stored = store(log, new LogForm(log.length, false, true));
    LogForm cut = new LogForm(BLOCK, false, true);
    RemoteIndexes shorter = new RemoteIndexes(cut.sealedBytes(BLOCK), Crc32c.EMPTY, sizes(), cut);

    SegmentDecoder decoder = new SegmentDecoder(SEGMENT, shorter, keys, stored.key, new byte[0]);

    assertThatThrownBy(
            () -> decoder.plain(new ByteRange(0, BLOCK), Arrays.copyOf(stored.log, BLOCK + 16)))
        .as("a log that was cut at a block")
        .isInstanceOf(DamagedFormException.class);
  }

  @Test
  void sizesOfBlocksThatCannotBeAreRefused() throws Exception {
    byte[] log = halfText(2 * BLOCK);
    Stored stored = store(log, new LogForm(log.length, true, false));
    for (int at : new int[] {0, 3, 5}) {
      byte[] sizes = stored.blockSizes.clone();
      sizes[at] ^= 8;

      assertThatThrownBy(() -> decoder(SEGMENT, stored, sizes))
          .isInstanceOf(DamagedFormException.class)
          .hasMessageContaining("part=block-sizes");
    }
  }

  @Test
  void whatIsNoCompressedBlockIsRefused() throws Exception {
    byte[] log = halfText(BLOCK);
    Arrays.fill(log, (byte) 'y');
    Stored stored = store(log, new LogForm(log.length, true, false));
    byte[] damaged = stored.log.clone();
    Arrays.fill(damaged, (byte) 7);

    assertThatThrownBy(() -> all(SEGMENT, stored.withLog(damaged), log.length))
        .isInstanceOf(DamagedFormException.class)
        .hasMessageContaining("part=block-0");
  }

  @Test
  void indexesComeBackAndNoneTakesAnothersPlace() throws Exception {
    LogForm form = new LogForm(0, false, true);
    byte[] index = halfText(5000);
    Storing storing = new Storing(OptionalInt.empty(), keys);
    try (SegmentEncoder encoder = storing.encoder(SEGMENT, form)) {
      byte[] sealed = encoder.encode(IndexKind.TIME, index);
      SegmentDecoder decoder =
          new SegmentDecoder(
              SEGMENT,
              new RemoteIndexes(0, Crc32c.EMPTY, sizes(), form),
              keys,
              encoder.key(),
              new byte[0]);

      assertThat(sealed).hasSize(5016);
      assertThat(decoder.index(IndexKind.TIME, sealed)).isEqualTo(index);
      assertThat(encoder.encode(IndexKind.TRANSACTION, new byte[0])).isEmpty();
      assertThatThrownBy(() -> decoder.index(IndexKind.OFFSET, sealed))
          .isInstanceOf(DamagedFormException.class)
          .hasMessageContaining("part=index-0");
    }
  }

  private Stored store(byte[] log, LogForm form) {
    Storing storing = new Storing(OptionalInt.of(3), keys);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    try (SegmentEncoder encoder = storing.encoder(SEGMENT, form)) {
      byte[] block = new byte[BLOCK];
      for (int number = 0; number < form.blockCount(); number++) {
        int bytes = form.plainBytesOf(number);
        System.arraycopy(log, number * BLOCK, block, 0, bytes);
        ByteBuffer encoded = encoder.encode(block, bytes);
        byte[] bytesOfBlock = new byte[encoded.remaining()];
        encoded.get(bytesOfBlock);
        stored.writeBytes(bytesOfBlock);
      }
      RemoteIndexes indexes = new RemoteIndexes(stored.size(), Crc32c.EMPTY, sizes(), form);
      return new Stored(indexes, stored.toByteArray(), encoder.blockSizes(), encoder.key());
    }
  }

  private SegmentDecoder decoder(RemoteSegmentId id, Stored stored, byte[] blockSizes)
      throws IOException {
    return new SegmentDecoder(id, stored.indexes, keys, stored.key, blockSizes);
  }

  private byte[] all(RemoteSegmentId id, Stored stored, int bytes) throws IOException {
    return decoder(id, stored, stored.blockSizes).plain(new ByteRange(0, bytes), stored.log);
  }

  private static byte[] slice(byte[] bytes, ByteRange range) {
    return Arrays.copyOfRange(bytes, (int) range.startBytes(), (int) range.endBytes());
  }

  private static IndexSizes sizes() {
    return new IndexSizes(0, 0, 0, 0, 0);
  }

  /** Text that shrinks, with a little noise in it. */
  static byte[] halfText(int bytes) {
    byte[] text = new byte[bytes];
    byte[] words = "some words that come again and again, ".getBytes(StandardCharsets.UTF_8);
    Random random = new Random(bytes);
    for (int at = 0; at < bytes; at++) {
      text[at] = at % 100 < 90 ? words[at % words.length] : (byte) random.nextInt();
    }
    return text;
  }
}
