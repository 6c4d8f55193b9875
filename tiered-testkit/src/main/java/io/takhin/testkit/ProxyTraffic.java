package io.takhin.testkit;

import java.util.Map;

/**
 * What has gone through a {@link FaultProxy}.
 *
 * @param requests by operation, struck or not, retries included; operations that did not occur are
 *     missing
 * @param bytesUp payload of requests, without HTTP and AWS chunk framing
 * @param bytesDown payload of responses, error documents and listings included
 */
public record ProxyTraffic(Map<S3Operation, Long> requests, long bytesUp, long bytesDown) {
  public ProxyTraffic {
    requests = Map.copyOf(requests);
  }

  /** Requests of one operation. */
  public long requests(S3Operation operation) {
    return requests.getOrDefault(operation, 0L);
  }

  /** Requests of all operations. */
  public long totalRequests() {
    return requests.values().stream().mapToLong(Long::longValue).sum();
  }
}
