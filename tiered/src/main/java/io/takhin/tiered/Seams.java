package io.takhin.tiered;

import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.transfer.FreeSpace;

/**
 * What a test replaces because it cannot bring it about: a crash at a given step, a full disk. Not
 * public: an embedder has no use for either.
 */
record Seams(StepObserver steps, FreeSpace space) {
  static final Seams NONE = new Seams(StepObserver.NONE, FreeSpace.OF_DISK);
}
