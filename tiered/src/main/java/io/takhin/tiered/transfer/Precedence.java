package io.takhin.tiered.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.transfer.Purpose.Priority;

/**
 * Makes background transfers yield: while a foreground one is under way, in either direction, no
 * more than one background part is begun at a time. One, not none, so that archiving goes on under
 * readers who never stop, and the disk does not fill.
 */
final class Precedence {
  private static final int PARTS_BESIDE_FOREGROUND = 1;

  @GuardedBy("this")
  private int foregroundTransfers;

  @GuardedBy("this")
  private int backgroundParts;

  /** A transfer begins. */
  synchronized void begin(Priority priority) {
    if (priority == Priority.FOREGROUND) {
      foregroundTransfers++;
    }
  }

  synchronized void end(Priority priority) {
    if (priority == Priority.FOREGROUND && --foregroundTransfers == 0) {
      notifyAll();
    }
  }

  /** Waits until a part of this priority may be moved; {@link #leave} when it has been. */
  synchronized void enter(Priority priority) throws InterruptedException {
    if (priority == Priority.FOREGROUND) {
      return;
    }
    while (foregroundTransfers > 0 && backgroundParts >= PARTS_BESIDE_FOREGROUND) {
      wait();
    }
    backgroundParts++;
  }

  synchronized void leave(Priority priority) {
    if (priority == Priority.BACKGROUND) {
      backgroundParts--;
      notifyAll();
    }
  }
}
