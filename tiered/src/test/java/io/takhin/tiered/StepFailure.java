package io.takhin.tiered;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Fails one moment, and the process lives on. Before a step: it did not happen. After it: it did,
 * and whoever made it is told that it failed. By the exception with which such a step fails.
 */
final class StepFailure implements StepObserver {
  private final int failing;
  private final List<String> moments = new ArrayList<>();
  private boolean failed;

  StepFailure(int failing) {
    this.failing = failing;
  }

  @Override
  public void before(DurableStep step, SegmentId id) {
    pass(step, "before " + step + " of " + id);
  }

  @Override
  public void after(DurableStep step, SegmentId id) {
    pass(step, "after " + step + " of " + id);
  }

  private synchronized void pass(DurableStep step, String moment) {
    moments.add(moment);
    if (moments.size() - 1 == failing) {
      failed = true;
      StepFailure.<RuntimeException>throwUndeclared(failure(step, "injected " + moment));
    }
  }

  synchronized List<String> moments() {
    return List.copyOf(moments);
  }

  synchronized boolean hasFailed() {
    return failed;
  }

  private static Exception failure(DurableStep step, String message) {
    if (step.name().startsWith("RECORD_")) {
      return new CatalogException.Unwritable(Path.of("segments.db"), message, null);
    }
    return switch (step) {
      case FREE_LOCAL_FILES, SHED_LOCAL_FILES, PLACE_RESTORED_FILE, DROP_RESTORED_FILES ->
          new IOException(message);
      default -> new StoreException.Unavailable(message, null);
    };
  }

  /** An observer declares no exception; the change it stands around does. */
  @SuppressWarnings("unchecked")
  static <E extends Exception> void throwUndeclared(Exception e) throws E {
    throw (E) e;
  }
}
