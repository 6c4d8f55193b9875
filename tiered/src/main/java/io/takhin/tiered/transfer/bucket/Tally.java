package io.takhin.tiered.transfer.bucket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.transfer.RateMeter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The figures of one run; each is exact, and together they are nearly of one moment. */
final class Tally {
  /** As many failures are kept with their reasons; a run with more of them is stopped. */
  static final int MAX_FAILURES = 1000;

  final LongAdder found = new LongAdder();
  final LongAdder foundBytes = new LongAdder();
  final LongAdder copied = new LongAdder();
  final LongAdder skipped = new LongAdder();
  final LongAdder skippedBytes = new LongAdder();
  final LongAdder streamedBytes = new LongAdder();
  final LongAdder insideBytes = new LongAdder();
  final LongAdder aborted = new LongAdder();

  /** Of failed objects, so that the bytes done come to the total all the same. */
  final LongAdder failedBytes = new LongAdder();

  /** Moved, and perhaps not yet verified; taken back when an attempt fails. */
  final AtomicLong movedBytes = new AtomicLong();

  private final RateMeter rate = new RateMeter(System.nanoTime());

  private final Map<Evidence, LongAdder> verified =
      Map.of(
          Evidence.CHECKSUM, new LongAdder(),
          Evidence.ETAG, new LongAdder(),
          Evidence.SIZE, new LongAdder());

  @GuardedBy("failures")
  private final List<FailedObject> failures = new ArrayList<>();

  /** What showed that the copy is the source. */
  enum Evidence {
    CHECKSUM,
    ETAG,
    SIZE
  }

  /** Counts what moves, for the figures and the rate. */
  void moved(long bytes) {
    movedBytes.addAndGet(bytes);
    rate.moved(bytes, System.nanoTime());
  }

  long bytesPerSecond() {
    return rate.bytesPerSecond(System.nanoTime());
  }

  void verified(Evidence evidence) {
    verified.getOrDefault(evidence, new LongAdder()).increment();
  }

  Map<String, Long> verified() {
    Map<String, Long> counts = new HashMap<>();
    verified.forEach(
        (evidence, count) -> counts.put(evidence.name().toLowerCase(Locale.ROOT), count.sum()));
    return counts;
  }

  /** Notes a failure, and tells whether there may be more of them. */
  boolean failed(FailedObject object, long sizeBytes) {
    failedBytes.add(sizeBytes);
    synchronized (failures) {
      failures.add(object);
      return failures.size() < MAX_FAILURES;
    }
  }

  List<FailedObject> failures() {
    synchronized (failures) {
      return List.copyOf(failures);
    }
  }

  long failedObjects() {
    synchronized (failures) {
      return failures.size();
    }
  }
}
