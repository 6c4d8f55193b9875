package io.takhin.testkit.history;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.testkit.FaultStore;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectStore;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The power of one process: when it is cut, at a durable step or between two, no later step is made
 * and no request reaches the bucket. Any thread.
 */
final class Power implements StepObserver {
  private static final int NEVER = Integer.MAX_VALUE;

  private final FaultStore wire;
  private final BiConsumer<DurableStep, SegmentId> witness;

  @GuardedBy("this")
  private final Set<DurableStep> made = EnumSet.noneOf(DurableStep.class);

  @GuardedBy("this")
  private int momentsLeft = NEVER;

  @GuardedBy("this")
  private boolean off;

  @GuardedBy("this")
  private int recordsThatSeemToFail;

  @GuardedBy("this")
  private int seemedToFail;

  /**
   * @param bucket what the process reaches through {@link #wire}
   * @param witness told right before each step is made
   */
  Power(ObjectStore bucket, BiConsumer<DurableStep, SegmentId> witness) {
    this.wire = new FaultStore(bucket);
    this.witness = witness;
  }

  /** The store of this process; nothing gets through once the power is cut. */
  ObjectStore wire() {
    return wire;
  }

  /** Cuts it before or after the step that is so many moments away; 0 for the next. */
  synchronized void cutIn(int moments) {
    momentsLeft = moments;
  }

  /** Forgets that it was to be cut. */
  synchronized void stayOn() {
    momentsLeft = NEVER;
  }

  /** Cuts it now. */
  synchronized void cut() {
    if (!off) {
      off = true;
      wire.on()
          .failBefore(
              call -> {
                throw new PowerLoss(call);
              });
    }
  }

  synchronized boolean isOff() {
    return off;
  }

  /** The next records of the catalog succeed, and whoever made them is told that they failed. */
  synchronized void loseAnswersOfCatalog(int records) {
    recordsThatSeemToFail = records;
  }

  /** How many did. */
  synchronized int seemedToFail() {
    return seemedToFail;
  }

  /** The steps that were begun. */
  synchronized Set<DurableStep> made() {
    return EnumSet.copyOf(made);
  }

  @Override
  public void before(DurableStep step, SegmentId id) {
    pass("before ", step, id);
    synchronized (this) {
      made.add(step);
    }
    witness.accept(step, id);
  }

  @Override
  public void after(DurableStep step, SegmentId id) {
    pass("after ", step, id);
    if (step.name().startsWith("RECORD_")
        && !id.equals(StepObserver.NO_SEGMENT)
        && isAnswerLost()) {
      Power.<RuntimeException>throwUndeclared(
          new CatalogException.Unwritable(Path.of("injected"), "answer lost after " + step, null));
    }
  }

  private synchronized boolean isAnswerLost() {
    if (recordsThatSeemToFail > 0) {
      recordsThatSeemToFail--;
      seemedToFail++;
      return true;
    }
    return false;
  }

  /**
   * Steps that concern no segment, which take the prefix, are no moments: a thread of the archiver
   * makes them when it comes to it, and the same seed would cut at another place each time.
   */
  private synchronized void pass(String when, DurableStep step, SegmentId id) {
    boolean counts = !id.equals(StepObserver.NO_SEGMENT);
    if (counts && !off && momentsLeft != NEVER && momentsLeft-- == 0) {
      cut();
    }
    if (off) {
      throw new PowerLoss(when + step + " of " + id);
    }
  }

  /** An observer declares no exception; the change it stands around does. */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> void throwUndeclared(Exception e) throws E {
    throw (E) e;
  }
}
