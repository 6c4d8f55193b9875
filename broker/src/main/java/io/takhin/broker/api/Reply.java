package io.takhin.broker.api;

import java.util.Optional;
import org.apache.kafka.common.requests.AbstractResponse;

/**
 * What a request is answered with.
 *
 * @param response nothing when the client wants no answer
 * @param release run once, when the answer is sent or will not be
 * @param pauseMillis how long the client is not listened to after the answer
 */
record Reply(Optional<AbstractResponse> response, Runnable release, long pauseMillis) {
  Reply(Optional<AbstractResponse> response, Runnable release) {
    this(response, release, 0);
  }

  static Reply of(AbstractResponse response) {
    return new Reply(Optional.of(response), () -> {});
  }

  static Reply of(AbstractResponse response, long pauseMillis) {
    return new Reply(Optional.of(response), () -> {}, pauseMillis);
  }

  static Reply none() {
    return new Reply(Optional.empty(), () -> {});
  }
}
