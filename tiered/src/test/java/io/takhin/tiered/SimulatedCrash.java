package io.takhin.tiered;

import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import java.util.ArrayList;
import java.util.List;

/**
 * The power goes at one moment: from then on no durable step is made any more. An Error, because
 * what catches exceptions to clean up does not run either when the power is gone.
 */
final class SimulatedCrash extends Error {
  private static final long serialVersionUID = 1L;

  SimulatedCrash(String moment) {
    super("simulated crash " + moment);
  }

  /** Counts the moments before and after steps, and crashes at one of them, or at none. */
  static final class At implements StepObserver {
    private static final int NEVER = -1;

    private final int crashMoment;
    private final List<String> moments = new ArrayList<>();
    private final List<DurableStep> steps = new ArrayList<>();
    private boolean crashed;

    private At(int crashMoment) {
      this.crashMoment = crashMoment;
    }

    static At never() {
      return new At(NEVER);
    }

    static At moment(int index) {
      return new At(index);
    }

    @Override
    public synchronized void before(DurableStep step, SegmentId id) {
      steps.add(step);
      pass("before " + step + " of " + id);
    }

    @Override
    public synchronized void after(DurableStep step, SegmentId id) {
      pass("after " + step + " of " + id);
    }

    private void pass(String moment) {
      crashed |= moments.size() == crashMoment;
      if (crashed) {
        throw new SimulatedCrash(moment);
      }
      moments.add(moment);
    }

    synchronized List<String> moments() {
      return List.copyOf(moments);
    }

    synchronized List<DurableStep> steps() {
      return List.copyOf(steps);
    }

    synchronized boolean crashed() {
      return crashed;
    }
  }
}
