package io.takhin.benchmarks.kafka.plain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.benchmarks.transfer.StoreProcess;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.server.log.remote.storage.LogSegmentData;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentId;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteResourceNotFoundException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager.IndexType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plain plugin does what brokers need, so that comparing with it is fair. */
final class WholeObjectsTest {
  @TempDir private Path directory;

  @Test
  void whatIsCopiedCanBeFetchedFromAnyPositionAndDeleted() throws Exception {
    RemoteLogSegmentMetadata segment =
        new RemoteLogSegmentMetadata(
            RemoteLogSegmentId.generateNew(
                new TopicIdPartition(Uuid.randomUuid(), new TopicPartition("topic", 0))),
            0,
            9,
            0,
            1,
            0,
            5,
            Map.of(0, 0L));
    LogSegmentData files =
        new LogSegmentData(
            file("log", 10, 11, 12, 13),
            file("index", 1),
            file("timeindex"),
            Optional.empty(),
            file("snapshot", 3),
            ByteBuffer.wrap(new byte[] {4}));
    try (StoreProcess sink = StoreProcess.keeping(1 << 20, directory.resolve("sink.log"));
        WholeObjects plugin = new WholeObjects()) {
      plugin.configure(Map.of("endpoint", sink.target().endpoint().toString(), "bucket", "sink"));

      assertThat(plugin.copyLogSegmentData(segment, files)).isEmpty();

      assertThat(all(plugin.fetchLogSegment(segment, 1))).containsExactly(11, 12, 13);
      assertThat(all(plugin.fetchLogSegment(segment, 1, 2))).containsExactly(11, 12);
      assertThat(all(plugin.fetchIndex(segment, IndexType.OFFSET))).containsExactly(1);
      assertThat(all(plugin.fetchIndex(segment, IndexType.TIMESTAMP))).isEmpty();
      assertThat(all(plugin.fetchIndex(segment, IndexType.LEADER_EPOCH))).containsExactly(4);
      assertThatThrownBy(() -> plugin.fetchIndex(segment, IndexType.TRANSACTION))
          .isInstanceOf(RemoteResourceNotFoundException.class);

      plugin.deleteLogSegmentData(segment);
      assertThatThrownBy(() -> plugin.fetchLogSegment(segment, 0))
          .isInstanceOf(RemoteResourceNotFoundException.class);
    }
  }

  private Path file(String name, int... bytes) throws Exception {
    ByteBuffer content = ByteBuffer.allocate(bytes.length);
    for (int one : bytes) {
      content.put((byte) one);
    }
    return Files.write(directory.resolve(name), content.array());
  }

  private static byte[] all(InputStream stream) throws Exception {
    try (stream) {
      return stream.readAllBytes();
    }
  }
}
