package io.takhin.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.server.log.remote.storage.LogSegmentData;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentId;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentState;

/** A segment as a broker hands it over, of bytes that mean nothing. */
final class SegmentOnDisk {
  private static final byte[] EPOCHS = "0\n1\n0 0\n".getBytes(UTF_8);

  final RemoteLogSegmentMetadata metadata;
  final byte[] log;
  final byte[] offsetIndex;
  final byte[] timeIndex;
  final byte[] transactionIndex;
  final byte[] snapshot;
  private final Path directory;

  /**
   * Writes the files.
   *
   * @param transactionIndexBytes -1 for no such file
   */
  SegmentOnDisk(Path directory, int logBytes, int transactionIndexBytes) throws IOException {
    this(directory, logBytes, transactionIndexBytes, Uuid.randomUuid(), 1000);
  }

  /** One of a topic that may have others; it has 1,000 offsets. */
  SegmentOnDisk(
      Path directory, int logBytes, int transactionIndexBytes, Uuid topicId, long baseOffset)
      throws IOException {
    Random random = new Random(logBytes);
    this.directory = Files.createDirectories(directory);
    this.log = write("log", logBytes, random);
    this.offsetIndex = write("index", 8 * (logBytes / 4096), random);
    this.timeIndex = write("timeindex", 12 * (logBytes / 4096), random);
    this.snapshot = write("snapshot", 99, random);
    this.transactionIndex =
        transactionIndexBytes < 0 ? new byte[0] : write("txnindex", transactionIndexBytes, random);
    TopicIdPartition partition = new TopicIdPartition(topicId, new TopicPartition("my-topic", 3));
    this.metadata =
        new RemoteLogSegmentMetadata(
            new RemoteLogSegmentId(partition, Uuid.randomUuid()),
            baseOffset,
            baseOffset + 999,
            1_700_000_000_000L,
            1,
            1_700_000_000_001L,
            Math.max(1, logBytes),
            Map.of(0, baseOffset));
  }

  private byte[] write(String ending, int bytes, Random random) throws IOException {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    Files.write(directory.resolve("00000000000000001000." + ending), content);
    return content;
  }

  byte[] epochs() {
    return EPOCHS.clone();
  }

  Path file(String ending) {
    return directory.resolve("00000000000000001000." + ending);
  }

  LogSegmentData data() {
    Path transactions = file("txnindex");
    return new LogSegmentData(
        file("log"),
        file("index"),
        file("timeindex"),
        Files.exists(transactions) ? Optional.of(transactions) : Optional.empty(),
        file("snapshot"),
        ByteBuffer.wrap(EPOCHS));
  }

  /** The segment as a broker knows it after the copy. */
  RemoteLogSegmentMetadata copied(Optional<CustomMetadata> customMetadata) {
    return new RemoteLogSegmentMetadata(
        metadata.remoteLogSegmentId(),
        metadata.startOffset(),
        metadata.endOffset(),
        metadata.maxTimestampMs(),
        metadata.brokerId(),
        metadata.eventTimestampMs(),
        metadata.segmentSizeInBytes(),
        customMetadata,
        RemoteLogSegmentState.COPY_SEGMENT_FINISHED,
        metadata.segmentLeaderEpochs());
  }
}
