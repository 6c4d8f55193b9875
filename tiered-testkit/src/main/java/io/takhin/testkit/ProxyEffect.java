package io.takhin.testkit;

import java.io.IOException;
import java.util.Optional;

/** What a fault does to one request of a proxy; each effect overrides the moment it strikes at. */
interface ProxyEffect {
  /** Runs before anything is passed on. */
  default void before() throws IOException {}

  /** A status to answer with, in place of the server. */
  default Optional<Refusal> refusal() {
    return Optional.empty();
  }

  default Gate requestGate(Gate gate) {
    return gate;
  }

  /** Runs when the server has answered, before the client learns of it. */
  default void answered() throws IOException {}

  default Gate responseGate(Gate gate) {
    return gate;
  }

  /** An error as an S3 server words it. */
  record Refusal(int status, String reason, String code) {}
}
