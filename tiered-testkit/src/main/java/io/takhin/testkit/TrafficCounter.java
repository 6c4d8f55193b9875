package io.takhin.testkit;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what passes, from any thread. */
final class TrafficCounter {
  private final Map<S3Operation, LongAdder> requests = new ConcurrentHashMap<>();
  private final LongAdder bytesUp = new LongAdder();
  private final LongAdder bytesDown = new LongAdder();

  void request(S3Operation operation) {
    requests.computeIfAbsent(operation, any -> new LongAdder()).increment();
  }

  void up(long bytes) {
    bytesUp.add(bytes);
  }

  void down(long bytes) {
    bytesDown.add(bytes);
  }

  void reset() {
    requests.clear();
    bytesUp.reset();
    bytesDown.reset();
  }

  ProxyTraffic snapshot() {
    Map<S3Operation, Long> counts = new EnumMap<>(S3Operation.class);
    requests.forEach((operation, count) -> counts.put(operation, count.sum()));
    return new ProxyTraffic(counts, bytesUp.sum(), bytesDown.sum());
  }
}
