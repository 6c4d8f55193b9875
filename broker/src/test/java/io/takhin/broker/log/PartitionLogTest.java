package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.takhin.broker.tiering.LocalOnly;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
  private static final int SEGMENT_BYTES = 16 * 1024;
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @TempDir Path dataDir;
  private DataDirectory directory;
  private LogStore store;

  @BeforeEach
  void open() throws Exception {
    directory = DataDirectory.lock(dataDir);
    store =
        LogStore.open(directory, new LogSettings(1, SEGMENT_BYTES), partitions -> new LocalOnly());
    store.create(PARTITION.topic(), 1, Map.of("cleanup.policy", "compact"));
  }

  @AfterEach
  void close() throws Exception {
    store.close();
    directory.close();
  }

  @Test
  void anOffsetThatCompactionRemovedFromTheEndOfASegmentIsReadOnInTheNextOne() throws Exception {
    // Given: two segments, and no records between the last of the first and the base of the second
    PartitionLog log = store.log(PARTITION);
    appendAt(log, 0);
    appendAt(log, 100);
    assertThat(log.unifiedLog().logSegments())
        .extracting(segment -> segment.baseOffset())
        .containsExactly(0L, 100L);

    // When
    long found =
        assertTimeoutPreemptively(
            Duration.ofMinutes(3),
            () -> {
              try (LocalRead read = log.read(50, SEGMENT_BYTES, true).orElseThrow()) {
                return ((Records) read.records()).batches().iterator().next().baseOffset();
              }
            });

    // Then
    assertThat(found).isEqualTo(100);
  }

  /** Two such batches do not fit into one segment. */
  private static void appendAt(PartitionLog log, long offset) throws IOException {
    byte[] value = new byte[SEGMENT_BYTES * 2 / 3];
    log.unifiedLog()
        .appendAsFollower(
            MemoryRecords.withRecords(
                offset,
                Compression.NONE,
                PartitionLog.LEADER_EPOCH,
                new SimpleRecord(offset + 1, new byte[] {1}, value)),
            PartitionLog.LEADER_EPOCH);
    log.unifiedLog().updateHighWatermark(log.unifiedLog().logEndOffsetMetadata());
  }
}
