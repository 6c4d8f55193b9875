package io.takhin.benchmarks.coldread;

import java.io.IOException;

/** Something that goes on beside a producer until it is closed. */
interface Load extends AutoCloseable {
  /** What was read, since the start. */
  double megabytesPerSecond();

  /**
   * @throws IOException if it could not go on
   */
  @Override
  void close() throws IOException;
}
