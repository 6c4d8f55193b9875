package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdRange;
import io.takhin.tiered.policy.RetentionPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.UnifiedLog;

/**
 * Decides where a log should start by {@code retention.ms} and {@code retention.bytes}, counting
 * archived and local segments alike, each once. The active segment is never expired.
 */
final class Retention {
  private Retention() {}

  /**
   * The offset the log should start at, which is the present one when nothing is expired.
   *
   * @param archived some of them may be local as well
   * @param firstHeldOffset the log never starts behind it
   */
  static long start(UnifiedLog log, List<ColdRange> archived, long firstHeldOffset, long nowMillis)
      throws IOException {
    LogConfig config = log.config();
    if (!config.delete || (config.retentionMs < 0 && config.retentionSize < 0)) {
      return log.logStartOffset();
    }
    List<RetentionPolicy.Sealed> sealed = new ArrayList<>();
    for (ColdRange range : archived) {
      sealed.add(
          new RetentionPolicy.Sealed(
              range.baseOffset(),
              range.endOffset(),
              range.sizeBytes(),
              range.maxTimestampMillis() >= 0
                  ? range.maxTimestampMillis()
                  : range.lastModifiedMillis()));
    }
    List<LogSegment> segments = log.logSegments();
    for (int i = 0; i < segments.size() - 1; i++) {
      LogSegment segment = segments.get(i);
      sealed.add(
          new RetentionPolicy.Sealed(
              segment.baseOffset(),
              segments.get(i + 1).baseOffset(),
              segment.size(),
              segment.largestTimestamp()));
    }
    RetentionPolicy policy =
        new RetentionPolicy(
            Math.max(RetentionPolicy.UNLIMITED, config.retentionMs),
            Math.max(RetentionPolicy.UNLIMITED, config.retentionSize));
    return policy.newLogStart(
        new RetentionPolicy.Log(
            log.logStartOffset(), sealed, log.activeSegment().size(), firstHeldOffset),
        nowMillis);
  }
}
