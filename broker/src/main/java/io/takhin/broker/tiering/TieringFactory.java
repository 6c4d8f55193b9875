package io.takhin.broker.tiering;

import java.io.IOException;

/** Builds the archiving side of one broker; each side needs the other, so the broker calls this. */
@FunctionalInterface
public interface TieringFactory {
  /**
   * Called once while the broker starts, with its data directory locked and before any log is
   * opened; the partitions answer from then on.
   *
   * @throws IOException when the archiving side cannot start; the broker then does not start either
   */
  Tiering create(LocalPartitions partitions) throws IOException;
}
