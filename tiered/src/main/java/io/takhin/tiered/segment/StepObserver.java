package io.takhin.tiered.segment;

/**
 * Stands around every {@link DurableStep}. Production code passes {@link #NONE}; a crash test
 * throws from one of the two methods, and from every later call, as a machine that lost its power
 * would.
 *
 * <p>It wraps the change, where a pair of calls placed by hand could be forgotten or drift away
 * from what it announces. Called on the thread that makes the change.
 */
public interface StepObserver {
  StepObserver NONE =
      new StepObserver() {
        @Override
        public void before(DurableStep step, SegmentId id) {}

        @Override
        public void after(DurableStep step, SegmentId id) {}
      };

  /** Stands for the segment where a change concerns all of them. */
  SegmentId NO_SEGMENT = SegmentId.of(".catalog", 0, 0);

  void before(DurableStep step, SegmentId id);

  /** Called only if the change was made. */
  void after(DurableStep step, SegmentId id);

  /** Makes the change between the two calls. */
  default <T, E extends Exception> T around(DurableStep step, SegmentId id, Change<T, E> change)
      throws E {
    before(step, id);
    T result = change.make();
    after(step, id);
    return result;
  }

  /**
   * A durable change.
   *
   * @param <T> what it gives
   * @param <E> how it fails
   */
  @FunctionalInterface
  interface Change<T, E extends Exception> {
    T make() throws E;
  }
}
