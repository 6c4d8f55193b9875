package io.takhin.tiered.read;

/**
 * Slows down what is read ahead, for the sake of somebody who matters more. Asked by the threads
 * that fetch, after each chunk that came; what a reader waits for from the start never asks. By
 * waiting, the body of a request comes in small pieces instead of all at once.
 */
@FunctionalInterface
public interface ReadPace {
  /** Waits for nothing. */
  ReadPace FREE = bytes -> {};

  /**
   * Returns when the next bytes may be taken in, at the latest after some hundred milliseconds, and
   * at once, without clearing it, if the thread is interrupted. Any thread.
   *
   * @param bytes of the chunk that came
   */
  void await(int bytes);
}
