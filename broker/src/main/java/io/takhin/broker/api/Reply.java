package io.takhin.broker.api;

import java.util.Optional;
import org.apache.kafka.common.requests.AbstractResponse;

/**
 * What a request is answered with.
 *
 * @param response nothing when the client wants no answer
 * @param release run once, when the answer is sent or will not be
 */
record Reply(Optional<AbstractResponse> response, Runnable release) {
  static Reply of(AbstractResponse response) {
    return new Reply(Optional.of(response), () -> {});
  }

  static Reply none() {
    return new Reply(Optional.empty(), () -> {});
  }
}
