package io.takhin.broker.api;

import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.PartitionLog;
import io.takhin.broker.tiering.ColdRange;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetNotAvailableException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.FileRecords.TimestampAndOffset;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where logs start and end, and which offset belongs to a time. */
final class OffsetsApi {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetsApi.class);

  /** The first version that has a field for the leader's epoch. */
  private static final int EPOCH_VERSION = 4;

  private final LogStore store;
  private final ColdAccess cold;
  private final Duration coldReadTimeout;

  OffsetsApi(LogStore store, Duration coldReadTimeout) {
    this.store = store;
    this.cold = new ColdAccess(store.tiering());
    this.coldReadTimeout = coldReadTimeout;
  }

  AbstractResponse list(RequestContext context, ListOffsetsRequest request) {
    ListOffsetsResponseData data = new ListOffsetsResponseData();
    for (ListOffsetsTopic topic : request.topics()) {
      ListOffsetsTopicResponse answer = new ListOffsetsTopicResponse().setName(topic.name());
      for (ListOffsetsPartition partition : topic.partitions()) {
        TopicPartition id = new TopicPartition(topic.name(), partition.partitionIndex());
        answer.partitions().add(find(id, partition.timestamp(), context.apiVersion()));
      }
      data.topics().add(answer);
    }
    return new ListOffsetsResponse(data);
  }

  private ListOffsetsPartitionResponse find(TopicPartition id, long timestamp, int version) {
    ListOffsetsPartitionResponse answer =
        new ListOffsetsPartitionResponse()
            .setPartitionIndex(id.partition())
            .setOffset(ListOffsetsResponse.UNKNOWN_OFFSET)
            .setTimestamp(ListOffsetsResponse.UNKNOWN_TIMESTAMP);
    try {
      Optional<TimestampAndOffset> found = find(store.log(id), timestamp);
      if (found.isPresent()) {
        answer.setOffset(found.get().offset).setTimestamp(found.get().timestamp);
        if (version >= EPOCH_VERSION) {
          answer.setLeaderEpoch(PartitionLog.LEADER_EPOCH);
        }
      }
    } catch (ApiException e) {
      answer.setErrorCode(Errors.forException(e).code());
    } catch (TimeoutException e) {
      answer.setErrorCode(
          Errors.forException(new OffsetNotAvailableException("archived records are being fetched"))
              .code());
    } catch (IOException | RuntimeException e) {
      LOG.error("offset not found: partition={} timestamp={}", id, timestamp, e);
      answer.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
    }
    return answer;
  }

  private Optional<TimestampAndOffset> find(PartitionLog log, long timestamp)
      throws IOException, TimeoutException {
    if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
      return findNewest(log);
    }
    if (timestamp < 0) {
      return log.unifiedLog()
          .fetchOffsetByTimestamp(timestamp, Optional.empty())
          .timestampAndOffsetOpt();
    }
    while (true) {
      long localStart = log.localStartOffset();
      for (ColdRange range : archivedBelow(localStart, log)) {
        if (range.maxTimestampMillis() >= timestamp) {
          Optional<TimestampAndOffset> found = findIn(log, range, timestamp);
          if (found.isPresent()) {
            return found;
          }
        }
      }
      Optional<TimestampAndOffset> local = log.findLocalByTime(timestamp);
      // What was freed meanwhile was searched neither there nor here, and may hold the answer.
      if (log.localStartOffset() == localStart) {
        return local;
      }
    }
  }

  /** The record with the largest timestamp. At most one archived segment is opened for it. */
  private Optional<TimestampAndOffset> findNewest(PartitionLog log)
      throws IOException, TimeoutException {
    Optional<TimestampAndOffset> local =
        log.unifiedLog()
            .fetchOffsetByTimestamp(ListOffsetsRequest.MAX_TIMESTAMP, Optional.empty())
            .timestampAndOffsetOpt();
    long localNewest = local.map(found -> found.timestamp).orElse(-1L);
    Optional<ColdRange> newest =
        archivedBelow(log.localStartOffset(), log).stream()
            .filter(range -> range.maxTimestampMillis() > localNewest)
            .max(
                Comparator.comparingLong(ColdRange::maxTimestampMillis)
                    .thenComparing(ColdRange::baseOffset, Comparator.reverseOrder()));
    if (newest.isEmpty()) {
      return local;
    }
    Optional<TimestampAndOffset> archived =
        findIn(log, newest.get(), newest.get().maxTimestampMillis());
    return archived.isPresent() ? archived : local;
  }

  private List<ColdRange> archivedBelow(long localStart, PartitionLog log) {
    return store.tiering().coldSegments(log.partition()).stream()
        .filter(range -> range.endOffset() > log.startOffset() && range.endOffset() <= localStart)
        .toList();
  }

  private Optional<TimestampAndOffset> findIn(PartitionLog log, ColdRange range, long timestamp)
      throws IOException, TimeoutException {
    long from = Math.max(range.baseOffset(), log.startOffset());
    return cold.findByTime(log.partition(), from, timestamp, coldReadTimeout);
  }

  AbstractResponse forLeaderEpoch(RequestContext context, OffsetsForLeaderEpochRequest request) {
    OffsetForLeaderEpochResponseData data = new OffsetForLeaderEpochResponseData();
    for (OffsetForLeaderTopic topic : request.data().topics()) {
      OffsetForLeaderTopicResult answer = new OffsetForLeaderTopicResult().setTopic(topic.topic());
      for (OffsetForLeaderPartition partition : topic.partitions()) {
        EpochEndOffset end = new EpochEndOffset().setPartition(partition.partition());
        try {
          PartitionLog log = store.log(new TopicPartition(topic.topic(), partition.partition()));
          if (partition.currentLeaderEpoch() > PartitionLog.LEADER_EPOCH) {
            end.setErrorCode(Errors.UNKNOWN_LEADER_EPOCH.code());
          } else if (partition.leaderEpoch() == PartitionLog.LEADER_EPOCH) {
            end.setLeaderEpoch(PartitionLog.LEADER_EPOCH).setEndOffset(log.endOffset());
          }
        } catch (ApiException e) {
          end.setErrorCode(Errors.forException(e).code());
        }
        answer.partitions().add(end);
      }
      data.topics().add(answer);
    }
    return new OffsetsForLeaderEpochResponse(data);
  }

  AbstractResponse deleteRecords(RequestContext context, DeleteRecordsRequest request) {
    DeleteRecordsResponseData data = new DeleteRecordsResponseData();
    for (DeleteRecordsTopic topic : request.data().topics()) {
      DeleteRecordsTopicResult answer = new DeleteRecordsTopicResult().setName(topic.name());
      for (DeleteRecordsPartition partition : topic.partitions()) {
        answer
            .partitions()
            .add(
                deleteRecords(
                    new TopicPartition(topic.name(), partition.partitionIndex()),
                    partition.offset()));
      }
      data.topics().add(answer);
    }
    return new DeleteRecordsResponse(data);
  }

  /**
   * @param offset the new start, or -1 for the end of the log
   */
  private DeleteRecordsPartitionResult deleteRecords(TopicPartition id, long offset) {
    DeleteRecordsPartitionResult result =
        new DeleteRecordsPartitionResult()
            .setPartitionIndex(id.partition())
            .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
    try {
      TopicNames.checkOpen(id.topic());
      PartitionLog log = store.log(id);
      long start = offset == DeleteRecordsRequest.HIGH_WATERMARK ? log.endOffset() : offset;
      requireDeletable(log, start);
      store.localPartitions().advanceLogStart(id, start);
      return result.setLowWatermark(log.startOffset());
    } catch (IOException e) {
      LOG.error("records not deleted: partition={} offset={}", id, offset, e);
      return result.setErrorCode(Errors.forException(new KafkaStorageException(e)).code());
    } catch (ApiException e) {
      return result.setErrorCode(Errors.forException(e).code());
    }
  }

  private void requireDeletable(PartitionLog log, long start) {
    if (start < 0) {
      throw new OffsetOutOfRangeException(
          "new start of " + log.partition() + ": expected -1 or more, got " + start);
    }
    OptionalLong held = store.tiering().firstHeldOffset(log.partition(), log.startOffset());
    if (held.isPresent() && start > held.getAsLong()) {
      LOG.warn(
          "records not deleted, a hold keeps them: partition={} asked-start={} held-from={}",
          log.partition(),
          start,
          held.getAsLong());
      throw new PolicyViolationException(
          "a hold keeps the records of " + log.partition() + " from " + held.getAsLong() + " on");
    }
  }
}
