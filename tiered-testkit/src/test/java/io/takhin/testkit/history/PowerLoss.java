package io.takhin.testkit.history;

/**
 * The process is gone. An Error, because what catches exceptions to clean up does not run either
 * when the power is.
 */
final class PowerLoss extends Error {
  private static final long serialVersionUID = 1L;

  PowerLoss(String moment) {
    super("power lost " + moment, null, false, false);
  }
}
