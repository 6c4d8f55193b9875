package io.takhin.tiered.read;

import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;

/**
 * Too much waits for the store already, or the archiver is closing. Asking again later is right.
 */
public final class ReadRefusedException extends IOException {
  ReadRefusedException(SegmentId segment, String why) {
    super("cold read refused, try again: segment=" + segment + " reason=" + why);
  }
}
