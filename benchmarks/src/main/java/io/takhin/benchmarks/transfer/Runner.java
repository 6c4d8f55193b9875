package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.nio.file.Path;

/** A contender from the outside: a process that is told to move files, and is measured. */
interface Runner extends AutoCloseable {
  String name();

  /** Whether it is faster after its first transfers, because its process stays. */
  boolean warmsUp();

  /** Which way the bytes go. */
  enum Direction {
    UPLOAD,
    DOWNLOAD
  }

  /**
   * Moves the files between a directory and objects under a prefix that ends with a slash.
   *
   * @throws IOException if the contender failed, with what it said
   */
  Sample move(Direction direction, DataSet data, String prefix, Path directory) throws IOException;

  @Override
  void close();
}
