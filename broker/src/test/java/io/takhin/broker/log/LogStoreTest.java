package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.broker.tiering.LocalOnly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStoreTest {
  private static final int SEGMENT_BYTES = 16 * 1024;

  @TempDir Path dataDir;
  private DataDirectory directory;
  private LogStore store;

  @BeforeEach
  void open() throws Exception {
    directory = DataDirectory.lock(dataDir);
    store =
        LogStore.open(directory, new LogSettings(1, SEGMENT_BYTES), partitions -> new LocalOnly());
  }

  @AfterEach
  void close() throws Exception {
    store.close();
    directory.close();
  }

  private void restart() throws Exception {
    close();
    open();
  }

  private PartitionLog log(int partition) {
    return store.log(new TopicPartition("t", partition));
  }

  private static long append(PartitionLog log) {
    return log.append(
            MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(1, new byte[] {1}, new byte[100])))
        .firstOffset();
  }

  @Test
  void anAdoptedTopicGoesOnBehindItsArchivedRecords() throws Exception {
    // When
    Topic topic = store.adopt("t", Map.of(0, new AdoptedLog(100, 500), 2, new AdoptedLog(0, 7)));

    // Then
    assertThat(topic.partitions()).isEqualTo(3);
    assertBounds(log(0), 100, 500, 500);
    assertBounds(log(1), 0, 0, 0);
    assertBounds(log(2), 0, 7, 7);
    assertThat(log(0).read(100, SEGMENT_BYTES, true)).as("an archived offset").isEmpty();
    assertThat(append(log(0))).isEqualTo(500);
    assertThat(append(log(1))).isEqualTo(0);
    assertThat(append(log(2))).isEqualTo(7);
  }

  @Test
  void anAdoptedTopicSurvivesARestart() throws Exception {
    // Given
    Topic topic = store.adopt("t", Map.of(0, new AdoptedLog(100, 500)));

    // When it is restarted before and after its first append
    restart();
    assertBounds(log(0), 100, 500, 500);
    append(log(0));
    restart();

    // Then
    assertThat(store.topic("t")).contains(topic);
    assertBounds(log(0), 100, 500, 501);
  }

  private static void assertBounds(PartitionLog log, long start, long localStart, long end) {
    assertThat(log.startOffset()).as("start").isEqualTo(start);
    assertThat(log.localStartOffset()).as("local start").isEqualTo(localStart);
    assertThat(log.endOffset()).as("end").isEqualTo(end);
  }

  @Test
  void anAdoptionThatWasBrokenOffIsUndoneAtTheNextStart() throws Exception {
    // Given a process that ended before the topic was there
    store.adopt("t", Map.of(0, new AdoptedLog(100, 500)));
    close();
    Path file = dataDir.resolve(".topics/t.properties");
    String text = Files.readString(file);
    assertThat(text).contains("state=live");
    Files.writeString(file, text.replace("state=live", "state=adopting"));

    // When
    open();

    // Then it is as if nothing had been done, and can be done
    assertThat(store.topic("t")).isEmpty();
    assertThat(dataDir.resolve("t-0")).doesNotExist();
    store.adopt("t", Map.of(0, new AdoptedLog(0, 300)));
    assertBounds(log(0), 0, 300, 300);
  }

  @Test
  void whatExistsIsNotAdopted() {
    store.create("t", 1, Map.of());

    assertThatThrownBy(() -> store.adopt("t", Map.of(0, new AdoptedLog(0, 1))))
        .isInstanceOf(TopicExistsException.class);
  }

  @Test
  void ofADeletedTopicNothingIsOfferedAnyMore() throws Exception {
    // Given a log whose segments nobody offers in the background, and one that is sealed
    store.create("t", 1, Map.of("cleanup.policy", "compact"));
    PartitionLog log = log(0);
    append(log);
    log.unifiedLog().roll();
    assertThat(log.offerSealed()).isTrue();
    append(log);
    log.unifiedLog().roll();

    // When
    store.delete("t");

    // Then
    assertThat(log.offerSealed()).isFalse();
  }

  @Test
  void partitionsThatCannotAllBeAddedAreNotAddedAtAll() throws Exception {
    // Given a file where the directory of the last partition would be
    store.create("t", 1, Map.of());
    append(log(0));
    Files.writeString(dataDir.resolve("t-2"), "in the way");

    // When
    assertThatThrownBy(() -> store.addPartitions("t", 3)).isInstanceOf(KafkaStorageException.class);

    // Then
    assertThat(store.topic("t").orElseThrow().partitions()).isEqualTo(1);
    assertThat(dataDir.resolve("t-1")).doesNotExist();
    restart();
    assertThat(store.topic("t").orElseThrow().partitions()).isEqualTo(1);
    assertThat(log(0).endOffset()).isEqualTo(1);
    Files.deleteIfExists(dataDir.resolve("t-2"));
    assertThat(store.addPartitions("t", 3).partitions()).isEqualTo(3);
  }
}
