package io.takhin.broker.server;

/** The process cannot start. The message names the object, what was expected and what was found. */
public final class StartException extends Exception {
  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
