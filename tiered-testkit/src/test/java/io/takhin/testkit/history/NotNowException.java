package io.takhin.testkit.history;

/** The world is not in a state in which the operation would prove anything. */
final class NotNowException extends Exception {
  private static final long serialVersionUID = 1L;

  NotNowException(String why) {
    super(why);
  }
}
