package io.takhin.broker.tiering;

/** Held while bytes of a local segment are on their way to a reader. Closing twice is harmless. */
@FunctionalInterface
public interface LocalLease extends AutoCloseable {
  @Override
  void close();
}
