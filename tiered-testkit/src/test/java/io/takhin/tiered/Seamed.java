package io.takhin.tiered;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.FreeSpace;
import java.io.IOException;
import java.time.Clock;

/** Opens a manager with what only tests may replace; in its package, because nobody else may. */
public final class Seamed {
  private Seamed() {}

  /** A manager over plain files in the options' data directory. */
  public static TieredStorageManager open(
      TieredOptions options, ObjectStore store, Clock clock, StepObserver steps, FreeSpace space)
      throws CatalogException, IOException {
    return TieredStorageManager.open(
        options,
        store,
        new DirectorySegments(options.dataDir()),
        new SimpleMeterRegistry(),
        clock,
        new Seams(steps, space));
  }
}
