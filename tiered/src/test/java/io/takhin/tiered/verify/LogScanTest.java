package io.takhin.tiered.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.RecordLog;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogScanTest {
  private static final SegmentId ID = SegmentId.of("orders", 0, 500);
  private static final RecordLog LOG = RecordLog.of(ID, 400_000);

  private static LogScan scan(byte[] log, List<IndexCheck> checks, int pieceBytes) {
    LogScan scan = new LogScan(ID.baseOffset(), LOG.endOffset(), log.length, checks);
    for (int at = 0; at < log.length; at += pieceBytes) {
      scan.write(ByteBuffer.wrap(log, at, Math.min(pieceBytes, log.length - at)));
    }
    scan.end();
    return scan;
  }

  private static LogScan scan(byte[] log) {
    return scan(log, List.of(), 100_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 61, 4096, 131072, 1_000_000})
  void aSoundLogIsSoundHoweverItsBytesCome(int pieceBytes) {
    byte[] log = LOG.log();
    List<IndexCheck> checks = Bytes.checks(LOG.index(), LOG.timeIndex(), ID.baseOffset());

    LogScan scan = scan(log, checks, pieceBytes);

    assertThat(scan.problems()).isEmpty();
    assertThat(checks).allSatisfy(check -> assertThat(check.problem()).isNull());
    assertThat(scan.isComplete()).isTrue();
    assertThat(scan.checksum()).isEqualTo(Crc32c.of(ByteBuffer.wrap(log)));
    int last = ReadIndex.chunkCount(log.length) - 1;
    int lastStart = last * ReadIndex.CHUNK_BYTES;
    assertThat(scan.chunkChecksum(last))
        .isEqualTo(Crc32c.of(ByteBuffer.wrap(log, lastStart, log.length - lastStart)).value());
    assertThat(scan.chunkChecksum(0))
        .isEqualTo(Crc32c.of(ByteBuffer.wrap(log, 0, ReadIndex.CHUNK_BYTES)).value());
  }

  @Test
  void indexesMadeAnewAreThoseOfABrokerThatAppendedBatchByBatch() {
    LogScan scan = scan(LOG.log());

    assertThat(scan.rebuilt().offsetIndex()).isEqualTo(LOG.index());
    assertThat(scan.rebuilt().timeIndex()).isEqualTo(LOG.timeIndex());
  }

  @Test
  void everyFlippedBitOfABatchIsSeen() {
    byte[] log = RecordLog.batch(ID.baseOffset(), new byte[500], 10, 5);
    Random random = new Random(7);
    int unseen = 0;
    for (int flip = 0; flip < 500; flip++) {
      byte[] damaged = log.clone();
      int at = random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      unseen += scan(damaged).problems().isEmpty() ? 1 : 0;
    }
    // No checksum of the batch covers the leader epoch and the low bits of the base offset.
    assertThat(unseen).as("of 500 flips").isLessThan(15);
  }

  @Test
  void aTruncatedLogAndOneOfGarbageAreSeen() {
    assertThat(scan(Arrays.copyOf(LOG.log(), 1999)).problems()).isNotEmpty();
    byte[] garbage = new byte[1000];
    new Random(1).nextBytes(garbage);
    assertThat(scan(garbage).problems()).isNotEmpty();
    assertThat(scan(new byte[1000]).problems()).isNotEmpty();
  }

  @Test
  void offsetsOutOfTheSegmentOrOutOfOrderAreSeen() {
    byte[] before = RecordLog.batch(ID.baseOffset() - 10, new byte[20], 10, 5);
    byte[] beyond = RecordLog.batch(LOG.endOffset(), new byte[20], 10, 5);
    byte[] first = RecordLog.batch(ID.baseOffset(), new byte[20], 10, 5);

    assertThat(scan(before).problems()).singleElement().asString().contains("offsets");
    assertThat(scan(beyond).problems()).singleElement().asString().contains("offsets");
    assertThat(scan(joined(first, first)).problems()).singleElement().asString().contains("order");
  }

  @Test
  void messagesOfAnOldFormatAreNotCheckedAndNoAlarm() {
    byte[] old = RecordLog.oldMessage(ID.baseOffset(), 100);
    byte[] older = RecordLog.oldMessage(ID.baseOffset() + 1, 50);
    byte[] current = RecordLog.batch(ID.baseOffset() + 2, new byte[20], 10, 5);

    LogScan scan = scan(joined(old, older, current));

    assertThat(scan.problems()).isEmpty();
    assertThat(scan.hasOldBatches()).isTrue();
    assertThat(scan.batchCount()).isEqualTo(3);
  }

  @Test
  void anOffsetIndexThatMisleadsIsSeen() {
    byte[] index = LOG.index();
    assertThat(problem(index, LOG.timeIndex(), 0)).isNull();
    for (int entry = 0; entry < index.length / OffsetIndexCheck.ENTRY_BYTES; entry++) {
      ByteBuffer moved = ByteBuffer.wrap(index.clone());
      int at = entry * OffsetIndexCheck.ENTRY_BYTES;
      moved.putInt(at + 4, moved.getInt(at + 4) + 1);
      assertThat(problem(moved.array(), LOG.timeIndex(), 0)).contains("entry " + entry);
      ByteBuffer below = ByteBuffer.wrap(index.clone());
      below.putInt(at, below.getInt(at) - 10);
      assertThat(problem(below.array(), LOG.timeIndex(), 0)).isNotNull();
    }
    assertThat(problem(Arrays.copyOf(index, index.length - 3), LOG.timeIndex(), 0))
        .contains("multiple");
    assertThat(problem(new byte[80], LOG.timeIndex(), 0)).isNotNull();
  }

  @Test
  void aTimeIndexThatMisleadsIsSeen() {
    byte[] times = LOG.timeIndex();
    assertThat(problem(LOG.index(), times, 1)).isNull();
    for (int entry = 0; entry < times.length / TimeIndexCheck.ENTRY_BYTES; entry++) {
      ByteBuffer later = ByteBuffer.wrap(times.clone());
      int at = entry * TimeIndexCheck.ENTRY_BYTES;
      later.putLong(at, later.getLong(at) + 1);
      assertThat(problem(LOG.index(), later.array(), 1)).contains("entry " + entry);
    }
    assertThat(problem(LOG.index(), new byte[120], 1)).isNotNull();
  }

  private static @Nullable String problem(byte[] index, byte[] times, int which) {
    List<IndexCheck> checks = Bytes.checks(index, times, ID.baseOffset());
    scan(LOG.log(), checks, 100_000);
    return checks.get(which).problem();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
