package io.takhin.broker.net;

/** The request cannot be answered in its own terms, so its connection is closed. */
public final class UnanswerableRequestException extends Exception {
  public UnanswerableRequestException(String message) {
    super(message);
  }

  public UnanswerableRequestException(String message, Throwable cause) {
    super(message, cause);
  }
}
