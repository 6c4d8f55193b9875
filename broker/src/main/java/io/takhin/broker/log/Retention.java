package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.UnifiedLog;

/**
 * Decides where a log should start by {@code retention.ms} and {@code retention.bytes}, counting
 * archived and local segments alike. The active segment is never expired.
 */
final class Retention {
  private Retention() {}

  /** The offset the log should start at, which is the present one when nothing is expired. */
  static long start(UnifiedLog log, List<ColdRange> archived, long nowMillis) throws IOException {
    LogConfig config = log.config();
    if (!config.delete || (config.retentionMs < 0 && config.retentionSize < 0)) {
      return log.logStartOffset();
    }
    List<ColdRange> sealed = sealed(log, archived);
    long total = log.activeSegment().size();
    for (ColdRange range : sealed) {
      total += range.sizeBytes();
    }
    long start = log.logStartOffset();
    for (ColdRange range : sealed) {
      boolean tooOld =
          config.retentionMs >= 0
              && range.maxTimestampMillis() >= 0
              && nowMillis - range.maxTimestampMillis() > config.retentionMs;
      boolean tooMuch =
          config.retentionSize >= 0 && total - range.sizeBytes() >= config.retentionSize;
      if (!tooOld && !tooMuch) {
        break;
      }
      total -= range.sizeBytes();
      start = Math.max(start, range.endOffset());
    }
    return start;
  }

  /** All sealed segments above the start of the log, oldest first. */
  private static List<ColdRange> sealed(UnifiedLog log, List<ColdRange> archived)
      throws IOException {
    List<ColdRange> ranges = new ArrayList<>();
    for (ColdRange range : archived) {
      if (range.endOffset() > log.logStartOffset()
          && range.endOffset() <= log.localLogStartOffset()) {
        ranges.add(range);
      }
    }
    List<LogSegment> segments = log.logSegments();
    for (int i = 0; i < segments.size() - 1; i++) {
      LogSegment segment = segments.get(i);
      ranges.add(
          new ColdRange(
              segment.baseOffset(),
              segments.get(i + 1).baseOffset(),
              segment.size(),
              segment.largestTimestamp()));
    }
    return ranges;
  }
}
