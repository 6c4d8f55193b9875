package io.takhin.tiered.transfer;

import java.io.IOException;

/**
 * The store answered, and what it holds is not what was proved: the object is missing, has another
 * size or checksum, or comes without a checksum. Not transient: asking again changes nothing.
 */
public final class ObjectMismatchException extends IOException {
  public ObjectMismatchException(String message) {
    super(message);
  }
}
