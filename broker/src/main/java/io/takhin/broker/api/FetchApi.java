package io.takhin.broker.api;

import io.takhin.broker.log.DataArrival;
import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.PartitionLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.RequestContext;

/**
 * Reading records.
 *
 * <p>A fetch that finds too little is parked on its connection's own thread: it waits, without
 * spinning, until appends bring enough, archived records are there, or its time is over. So a slow
 * store holds up its own connection and no other. The time of a fetch that has nothing to give but
 * waits for archived records is the cold-read timeout rather than the client's; after it the fetch
 * answers with no records, and the client asks again while what was begun goes on.
 */
public final class FetchApi {
  /** A connection's thread is not to wait longer for a client that may be gone. */
  private static final int MAX_WAIT_MILLIS = 30_000;

  private final LogStore store;
  private final ColdAccess cold;
  private final Duration coldReadTimeout;
  private final ReadFailures failures = new ReadFailures();
  private volatile boolean stopping;

  public FetchApi(LogStore store, Duration coldReadTimeout) {
    this.store = store;
    this.cold = new ColdAccess(store.tiering());
    this.coldReadTimeout = coldReadTimeout;
  }

  Reply fetch(RequestContext context, FetchRequest request) throws InterruptedException {
    Map<TopicPartition, FetchPartition> wanted = new LinkedHashMap<>();
    for (FetchTopic topic : request.data().topics()) {
      for (FetchPartition partition : topic.partitions()) {
        wanted.put(new TopicPartition(topic.topic(), partition.partition()), partition);
      }
    }
    DataArrival arrival = new DataArrival();
    wanted.keySet().forEach(id -> startWaiting(id, arrival));
    try (ColdReads coldReads = new ColdReads(cold, arrival)) {
      return collect(request, wanted, coldReads, arrival).reply();
    } finally {
      wanted.keySet().forEach(id -> stopWaiting(id, arrival));
    }
  }

  private FetchAnswer collect(
      FetchRequest request,
      Map<TopicPartition, FetchPartition> wanted,
      ColdReads coldReads,
      DataArrival arrival)
      throws InterruptedException {
    long start = System.nanoTime();
    long deadline =
        start
            + TimeUnit.MILLISECONDS.toNanos(
                Math.min(MAX_WAIT_MILLIS, Math.max(0, request.maxWait())));
    long coldDeadline = Math.max(deadline, start + coldReadTimeout.toNanos());
    while (true) {
      FetchAnswer answer = new FetchAnswer(store, coldReads, failures, request.maxBytes());
      wanted.forEach(answer::add);
      boolean coldOnly = answer.bytes() == 0 && coldReads.arePending();
      long now = System.nanoTime();
      // Clients end a fetch session with a fetch of nothing, and wait for its answer.
      if (stopping
          || wanted.isEmpty()
          || answer.isFinal()
          || (answer.bytes() >= request.minBytes() && !coldOnly)
          || now >= (coldOnly ? coldDeadline : deadline)) {
        return answer;
      }
      boolean patient = now < deadline;
      long needed = patient ? Math.max(1, request.minBytes() - answer.bytes()) : 1;
      answer.release();
      arrival.await(needed, patient ? deadline : coldDeadline);
    }
  }

  private void startWaiting(TopicPartition id, DataArrival arrival) {
    try {
      store.log(id).startWaiting(arrival);
    } catch (ApiException e) {
      // Not there: collecting says so in the answer.
      arrival.wake();
    }
  }

  private void stopWaiting(TopicPartition id, DataArrival arrival) {
    try {
      PartitionLog log = store.log(id);
      log.stopWaiting(arrival);
    } catch (ApiException e) {
      // Deleted in the meantime, and the set of waiting fetches with it.
      arrival.wake();
    }
  }

  /** Lets all parked fetches answer now. */
  public void stop() {
    stopping = true;
    store.wakeWaiting();
  }
}
