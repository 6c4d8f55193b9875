package io.takhin.testkit;

import java.io.IOException;
import java.io.OutputStream;

/** Where the bytes of a body pass through a proxy; faults stop or cut them here. */
@FunctionalInterface
interface Gate {
  Gate OPEN = (positionBytes, buffer, count, out) -> out.write(buffer, 0, count);

  /**
   * Passes bytes on.
   *
   * @param positionBytes how many bytes of the body have passed before
   * @throws ConnectionEnded if the connection is to end here
   */
  void pass(long positionBytes, byte[] buffer, int count, OutputStream out) throws IOException;
}
