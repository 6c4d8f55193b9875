package io.takhin.broker.api;

import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.ProducerIds;
import io.takhin.broker.net.UnanswerableRequestException;
import io.takhin.broker.tiering.WriteAdmission;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.storage.internals.log.LogAppendInfo;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appending records, and the ids that make it idempotent. */
final class ProduceApi {
  private static final Logger LOG = LoggerFactory.getLogger(ProduceApi.class);
  private static final String NO_TRANSACTIONS = "transactions are not supported by this broker";

  private final LogStore store;
  private final ProducerIds producerIds;

  ProduceApi(LogStore store, ProducerIds producerIds) {
    this.store = store;
    this.producerIds = producerIds;
  }

  /** One node: acknowledged by the leader is acknowledged by all. */
  Reply produce(RequestContext context, ProduceRequest request)
      throws UnanswerableRequestException, InterruptedException {
    store.coldPace().produced();
    WriteAdmission admission = store.tiering().admit(recordBytes(request));
    boolean transactional = RequestUtils.hasTransactionalRecords(request);
    ProduceResponseData data = new ProduceResponseData();
    for (TopicProduceData topic : request.data().topicData()) {
      TopicProduceResponse answer = new TopicProduceResponse().setName(topic.name());
      for (PartitionProduceData partition : topic.partitionData()) {
        TopicPartition id = new TopicPartition(topic.name(), partition.index());
        answer
            .partitionResponses()
            .add(
                transactional
                    ? refused(id, new InvalidRequestException(NO_TRANSACTIONS))
                    : admission.refusal() != null
                        ? refused(id, new KafkaStorageException(admission.refusal()))
                        : append(id, request, partition));
      }
      data.responses().add(answer);
    }
    if (request.acks() != 0) {
      data.setThrottleTimeMs((int) admission.delayMillis());
      return Reply.of(new ProduceResponse(data), admission.delayMillis());
    }
    Optional<String> failure =
        data.responses().stream()
            .flatMap(topic -> topic.partitionResponses().stream())
            .filter(partition -> partition.errorCode() != Errors.NONE.code())
            .map(partition -> Errors.forCode(partition.errorCode()).name())
            .findFirst();
    if (failure.isPresent()) {
      // Without answers, closing the connection is the only way to tell a producer.
      throw new UnanswerableRequestException("records without acks failed: " + failure.get());
    }
    // Nothing is sent that could tell it, so the connection itself is slow.
    TimeUnit.MILLISECONDS.sleep(admission.delayMillis());
    return Reply.none();
  }

  private static long recordBytes(ProduceRequest request) {
    long bytes = 0;
    for (TopicProduceData topic : request.data().topicData()) {
      for (PartitionProduceData partition : topic.partitionData()) {
        bytes += partition.records() == null ? 0 : partition.records().sizeInBytes();
      }
    }
    return bytes;
  }

  private PartitionProduceResponse append(
      TopicPartition id, ProduceRequest request, PartitionProduceData partition) {
    try {
      TopicNames.checkOpen(id.topic());
      if (!(partition.records() instanceof MemoryRecords records)) {
        throw new InvalidRequestException("no records for " + id);
      }
      ProduceRequest.validateRecords(request.version(), records);
      LogAppendInfo info = store.log(id).append(records);
      return new PartitionProduceResponse()
          .setIndex(id.partition())
          .setBaseOffset(info.firstOffset())
          .setLogAppendTimeMs(info.logAppendTime())
          .setLogStartOffset(info.logStartOffset());
    } catch (RecordValidationException e) {
      PartitionProduceResponse refused = refused(id, e.invalidException());
      e.recordErrors()
          .forEach(
              error ->
                  refused
                      .recordErrors()
                      .add(
                          new BatchIndexAndErrorMessage()
                              .setBatchIndex(error.batchIndex)
                              .setBatchIndexErrorMessage(error.message)));
      return refused;
    } catch (KafkaStorageException e) {
      LOG.debug("append failed, as the log has reported: partition={}", id, e);
      return refused(id, e);
    } catch (ApiException e) {
      return refused(id, e);
    } catch (RuntimeException e) {
      LOG.error("append failed unexpectedly: partition={}", id, e);
      return refused(id, e);
    }
  }

  private static PartitionProduceResponse refused(TopicPartition id, RuntimeException e) {
    return new PartitionProduceResponse()
        .setIndex(id.partition())
        .setErrorCode(Errors.forException(e).code())
        .setErrorMessage(e.getMessage())
        .setBaseOffset(ProduceResponse.INVALID_OFFSET)
        .setLogStartOffset(ProduceResponse.INVALID_OFFSET)
        .setRecordErrors(new java.util.ArrayList<>(List.of()));
  }

  AbstractResponse initProducerId(RequestContext context, InitProducerIdRequest request) {
    if (request.data().transactionalId() != null) {
      throw new InvalidRequestException(NO_TRANSACTIONS);
    }
    try {
      return new InitProducerIdResponse(
          new InitProducerIdResponseData()
              .setProducerId(producerIds.take())
              .setProducerEpoch((short) 0));
    } catch (IOException e) {
      throw new KafkaStorageException("producer ids cannot be written: " + e, e);
    }
  }
}
