package io.takhin.tiered.read;

import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.segment.SegmentFiles;

/**
 * A segment's local files, and the promise that they stay until this is closed. Any thread may
 * close it; a second call does nothing. One that is never closed keeps the segment on this machine.
 */
public final class LeasedSegment implements AutoCloseable {
  private final SegmentFiles files;
  private final SegmentLeases.Lease lease;

  LeasedSegment(SegmentFiles files, SegmentLeases.Lease lease) {
    this.files = files;
    this.lease = lease;
  }

  public SegmentFiles files() {
    return files;
  }

  @Override
  public void close() {
    lease.close();
  }
}
