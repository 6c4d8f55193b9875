package io.takhin.broker;

import io.takhin.broker.tiering.ColdBytes;
import io.takhin.broker.tiering.ColdRange;
import io.takhin.broker.tiering.ColdSegment;
import io.takhin.broker.tiering.LocalLease;
import io.takhin.broker.tiering.LocalPartitions;
import io.takhin.broker.tiering.SealedSegment;
import io.takhin.broker.tiering.Tiering;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Tiering into another directory: copies segments there when told to, frees the local files, and
 * serves reads from the copies. Openings wait for a gate, or fail, when a test says so.
 */
final class DirectoryTiering implements Tiering {
  private final Path directory;
  private final LocalPartitions partitions;
  private final Map<TopicPartition, ConcurrentSkipListMap<Long, SealedSegment>> offered =
      new ConcurrentHashMap<>();
  private final Map<TopicPartition, ConcurrentSkipListMap<Long, SealedSegment>> archived;
  private final Set<TopicPartition> failing = ConcurrentHashMap.newKeySet();
  private final Set<TopicPartition> freeing = ConcurrentHashMap.newKeySet();
  private volatile CompletableFuture<@Nullable Void> gate = CompletableFuture.completedFuture(null);
  final Set<String> deletedTopics = ConcurrentHashMap.newKeySet();
  final Map<TopicPartition, Long> logStarts = new ConcurrentHashMap<>();
  final AtomicInteger openings = new AtomicInteger();
  final AtomicInteger openColdLeases = new AtomicInteger();
  final AtomicInteger openLocalLeases = new AtomicInteger();
  final AtomicInteger localLeases = new AtomicInteger();

  /**
   * @param archived what an earlier broker of the same test has archived
   */
  DirectoryTiering(
      Path directory,
      LocalPartitions partitions,
      Map<TopicPartition, ConcurrentSkipListMap<Long, SealedSegment>> archived) {
    this.directory = directory;
    this.partitions = partitions;
    this.archived = archived;
  }

  Map<TopicPartition, ConcurrentSkipListMap<Long, SealedSegment>> archived() {
    return archived;
  }

  @Override
  public void sealed(SealedSegment segment) {
    offered
        .computeIfAbsent(segment.partition(), id -> new ConcurrentSkipListMap<>())
        .put(segment.baseOffset(), segment);
  }

  List<SealedSegment> offered(TopicPartition partition) {
    return List.copyOf(offered.getOrDefault(partition, new ConcurrentSkipListMap<>()).values());
  }

  /** Copies all offered segments of the partition and frees them; how many were freed. */
  int archiveAll(TopicPartition partition) throws IOException {
    int freed = 0;
    for (SealedSegment segment : offered(partition)) {
      copy(segment);
      if (!partitions.freeLocal(partition, segment.baseOffset())) {
        return freed;
      }
      Clients.of(offered, partition).remove(segment.baseOffset());
      freed++;
    }
    return freed;
  }

  boolean free(SealedSegment segment) throws IOException {
    return partitions.freeLocal(segment.partition(), segment.baseOffset());
  }

  void copy(SealedSegment segment) throws IOException {
    Path target = directory.resolve(segment.partition().toString());
    Files.createDirectories(target);
    for (Path file : segment.files()) {
      Path copy = target.resolve(file.getFileName());
      if (!Files.exists(copy)) {
        Files.copy(file, copy);
      }
    }
    archived
        .computeIfAbsent(segment.partition(), id -> new ConcurrentSkipListMap<>())
        .put(segment.baseOffset(), segment);
  }

  /** Openings from now on wait until {@link #openGate}. */
  void closeGate() {
    gate = new CompletableFuture<>();
  }

  void openGate() {
    gate.complete(null);
  }

  void failReadsOf(TopicPartition partition) {
    failing.add(partition);
  }

  /** What is asked of the partition next is listed first, and then all it has sealed is freed. */
  void freeAfterListing(TopicPartition partition) {
    freeing.add(partition);
  }

  @Override
  public void topicDeleted(String topic) {
    deletedTopics.add(topic);
    archived.keySet().removeIf(partition -> partition.topic().equals(topic));
  }

  @Override
  public void logStartMoved(TopicPartition partition, long logStartOffset) {
    logStarts.put(partition, logStartOffset);
  }

  @Override
  public List<ColdRange> coldSegments(TopicPartition partition) {
    List<ColdRange> ranges = new ArrayList<>();
    for (SealedSegment segment :
        archived.getOrDefault(partition, new ConcurrentSkipListMap<>()).values()) {
      ranges.add(
          new ColdRange(
              segment.baseOffset(),
              segment.endOffset(),
              segment.sizeBytes(),
              segment.maxTimestampMillis(),
              segment.lastModified().toEpochMilli()));
    }
    if (freeing.remove(partition)) {
      try {
        archiveAll(partition);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return ranges;
  }

  @Override
  public OptionalLong firstHeldOffset(TopicPartition partition, long fromOffset) {
    return OptionalLong.empty();
  }

  @Override
  public Optional<String> whyKept(String topic) {
    return Optional.empty();
  }

  @Override
  public Optional<String> whyNameTaken(String topic) {
    return Optional.empty();
  }

  @Override
  public CompletableFuture<ColdSegment> open(TopicPartition partition, long offset) {
    openings.incrementAndGet();
    if (failing.contains(partition)) {
      return CompletableFuture.failedFuture(new IOException("injected: " + partition));
    }
    var floor = archived.getOrDefault(partition, new ConcurrentSkipListMap<>()).floorEntry(offset);
    if (floor == null || floor.getValue().endOffset() <= offset) {
      return CompletableFuture.failedFuture(
          new IOException("not archived: " + partition + " " + offset));
    }
    return gate.thenApply(ignored -> new Copy(floor.getValue()));
  }

  @Override
  public LocalLease leaseLocal(TopicPartition partition, long baseOffset) {
    localLeases.incrementAndGet();
    openLocalLeases.incrementAndGet();
    return openLocalLeases::decrementAndGet;
  }

  @Override
  public void close() {}

  private final class Copy implements ColdSegment {
    private final SealedSegment segment;

    Copy(SealedSegment segment) {
      this.segment = segment;
      openColdLeases.incrementAndGet();
    }

    private Path file(String suffix) {
      return directory
          .resolve(segment.partition().toString())
          .resolve(String.format("%020d%s", segment.baseOffset(), suffix));
    }

    @Override
    public long baseOffset() {
      return segment.baseOffset();
    }

    @Override
    public long endOffset() {
      return segment.endOffset();
    }

    @Override
    public long sizeBytes() {
      return segment.sizeBytes();
    }

    /** Without indexes: the log is gone through from its start. */
    @Override
    public CompletableFuture<Long> positionOf(long offset) {
      return CompletableFuture.completedFuture(0L);
    }

    @Override
    public CompletableFuture<Long> offsetOf(long timestampMillis) {
      return CompletableFuture.completedFuture(segment.baseOffset());
    }

    @Override
    public CompletableFuture<ColdBytes> read(long positionBytes, int minBytes, int maxBytes) {
      try {
        return CompletableFuture.completedFuture(
            new CopyBytes(FileChannel.open(file(".log")), positionBytes, maxBytes));
      } catch (IOException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public void close() {
      openColdLeases.decrementAndGet();
      if (!Files.exists(file(".log"))) {
        throw new UncheckedIOException(new IOException("copy vanished: " + file(".log")));
      }
    }
  }

  private final class CopyBytes implements ColdBytes {
    private final FileChannel channel;
    private final long positionBytes;
    private final int lengthBytes;

    CopyBytes(FileChannel channel, long positionBytes, int maxBytes) throws IOException {
      this.channel = channel;
      this.positionBytes = positionBytes;
      this.lengthBytes = (int) Math.min(maxBytes, channel.size() - positionBytes);
      openColdLeases.incrementAndGet();
    }

    @Override
    public int lengthBytes() {
      return lengthBytes;
    }

    @Override
    public void readFully(int offset, ByteBuffer into) throws IOException {
      while (into.hasRemaining()) {
        if (channel.read(into, positionBytes + offset + into.position()) < 0) {
          throw new EOFException("copy is too short");
        }
      }
    }

    @Override
    public long copyTo(int offset, int maxBytes, WritableByteChannel target) throws IOException {
      ByteBuffer copy = ByteBuffer.allocate(Math.min(maxBytes, lengthBytes - offset));
      readFully(offset, copy);
      return target.write(copy.flip());
    }

    @Override
    public FileSlice sliceAt(int offset) {
      return new FileSlice(channel, positionBytes + offset, lengthBytes - offset, false);
    }

    @Override
    public void close() {
      openColdLeases.decrementAndGet();
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
