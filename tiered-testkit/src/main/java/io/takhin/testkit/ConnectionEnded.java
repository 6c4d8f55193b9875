package io.takhin.testkit;

import java.io.IOException;

/** A fault has ended a connection of the proxy on purpose. */
final class ConnectionEnded extends IOException {
  private final boolean reset;

  /**
   * @param reset whether the peer is to see a reset, rather than an orderly end
   */
  ConnectionEnded(String message, boolean reset) {
    super(message);
    this.reset = reset;
  }

  boolean isReset() {
    return reset;
  }
}
