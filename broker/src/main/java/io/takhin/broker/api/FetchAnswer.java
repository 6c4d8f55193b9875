package io.takhin.broker.api;

import io.takhin.broker.log.ColdRead;
import io.takhin.broker.log.LocalRead;
import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to answer a fetch: the records each partition can give now, and the holds on the
 * files they are in. Every partition answers for itself, so that one that fails takes no other
 * along. Used by one thread.
 */
final class FetchAnswer {
  private static final Logger LOG = LoggerFactory.getLogger(FetchAnswer.class);

  /** What one response may carry at most, whatever the client asks for. */
  private static final int MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

  private final LogStore store;
  private final ColdReads coldReads;
  private final ReadFailures failures;
  private final int maxBytes;
  private final Map<String, FetchableTopicResponse> topics = new LinkedHashMap<>();
  private final List<LocalRead> reads = new ArrayList<>();
  private int bytes;
  private boolean isFinal;

  FetchAnswer(LogStore store, ColdReads coldReads, ReadFailures failures, int maxBytes) {
    this.store = store;
    this.coldReads = coldReads;
    this.failures = failures;
    this.maxBytes = Math.min(maxBytes, MAX_RESPONSE_BYTES);
  }

  /** Adds what the partition can give within the bytes that are left. */
  void add(TopicPartition id, FetchPartition wanted) {
    PartitionData data =
        new PartitionData()
            .setPartitionIndex(id.partition())
            .setHighWatermark(FetchResponse.INVALID_HIGH_WATERMARK)
            .setRecords(MemoryRecords.EMPTY);
    try {
      PartitionLog log = store.log(id);
      checkEpoch(wanted.currentLeaderEpoch());
      read(log, wanted, data);
      data.setHighWatermark(log.endOffset())
          .setLastStableOffset(log.endOffset())
          .setLogStartOffset(log.startOffset());
    } catch (ApiException e) {
      fail(data, e);
    } catch (IOException | RuntimeException e) {
      failures.report(id, wanted.fetchOffset(), e);
      fail(data, Errors.KAFKA_STORAGE_ERROR.exception());
    }
    topics
        .computeIfAbsent(id.topic(), name -> new FetchableTopicResponse().setTopic(name))
        .partitions()
        .add(data);
  }

  private static void checkEpoch(int epoch) {
    if (epoch > PartitionLog.LEADER_EPOCH) {
      throw Errors.UNKNOWN_LEADER_EPOCH.exception();
    }
  }

  private void fail(PartitionData data, ApiException e) {
    data.setErrorCode(Errors.forException(e).code());
    isFinal = true;
  }

  private void read(PartitionLog log, FetchPartition wanted, PartitionData data)
      throws IOException {
    int left = Math.max(0, Math.min(wanted.partitionMaxBytes(), maxBytes - bytes));
    long offset = wanted.fetchOffset();
    Optional<LocalRead> local = log.read(offset, left, bytes == 0);
    if (local.isEmpty()) {
      // Records that were given up are passed over, as those that compaction removed.
      long present = store.tiering().firstNotLost(log.partition(), offset);
      if (present > offset) {
        offset = present;
        local = log.read(offset, left, bytes == 0);
      }
    }
    if (local.isPresent()) {
      take(local.get(), data);
    } else if (bytes == 0 || left > 0) {
      readCold(log.partition(), offset, left, data);
    }
  }

  private void readCold(TopicPartition id, long offset, int left, PartitionData data)
      throws IOException {
    CompletableFuture<ColdRead> reading = coldReads.of(id, offset, left);
    if (!reading.isDone()) {
      return;
    }
    ColdRead read;
    try {
      read = reading.join();
    } catch (CompletionException e) {
      throw new IOException("archived segment cannot be read", e.getCause());
    }
    coldReads.taken(id);
    take(read.limited(left, store.coldPace()), data);
    // What an archived segment gives is sent at once, rather than read again for some bytes more.
    isFinal = true;
  }

  private void take(LocalRead read, PartitionData data) {
    reads.add(read);
    bytes += read.records().sizeInBytes();
    data.setRecords(read.records());
  }

  int bytes() {
    return bytes;
  }

  /** True when waiting would not make the answer better. */
  boolean isFinal() {
    return isFinal;
  }

  /** The holds on files pass to the reply. */
  Reply reply() {
    FetchResponseData data =
        new FetchResponseData()
            .setSessionId(FetchMetadata.INVALID_SESSION_ID)
            .setResponses(new ArrayList<>(topics.values()));
    return new Reply(Optional.of(FetchResponse.of(data)), this::release);
  }

  void release() {
    for (LocalRead read : reads) {
      try {
        read.close();
      } catch (RuntimeException e) {
        // The other holds are to end too.
        LOG.warn("a hold on a segment was not ended", e);
      }
    }
    reads.clear();
  }
}
