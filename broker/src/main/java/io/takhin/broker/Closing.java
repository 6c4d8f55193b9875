package io.takhin.broker;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a start has opened so far, to be closed in reverse when the start fails. */
public final class Closing {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Notes what was opened, and hands it back. */
  public <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Closes in the reverse order; what fails to close is told with the failure. */
  public void closeAfter(Exception failure) {
    for (AutoCloseable resource : opened) {
      try {
        resource.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }
}
