package io.takhin.tiered.catalog;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** The sums behind {@link CatalogStats}, kept up at each change; not thread-safe. */
final class StatsCounters {
  private final Map<Tier, Long> byTier = new EnumMap<>(Tier.class);
  private final Map<String, Long> byState = new HashMap<>();
  private final Map<String, Long> transitions = new HashMap<>();
  private long segments;
  private long totalBytes;
  private long localBytes;
  private long remoteBytes;
  private long restoredBytes;

  StatsCounters() {
    for (Tier tier : Tier.values()) {
      byTier.put(tier, 0L);
    }
    for (String label : SegmentState.LABELS) {
      byState.put(label, 0L);
      transitions.put(label, 0L);
    }
  }

  void add(SegmentMetadata segment) {
    count(segment, 1);
  }

  void remove(SegmentMetadata segment) {
    count(segment, -1);
  }

  void countTransition(SegmentState to) {
    transitions.merge(to.label(), 1L, Long::sum);
  }

  private void count(SegmentMetadata segment, int sign) {
    SegmentState state = segment.state();
    long bytes = sign * segment.sizeBytes();
    segments += sign;
    byTier.merge(segment.tier(), (long) sign, Long::sum);
    byState.merge(state.label(), (long) sign, Long::sum);
    totalBytes += bytes;
    if (state.isLocal()) {
      localBytes += bytes;
    }
    if (state.receipt().isPresent()) {
      remoteBytes += bytes;
    }
    if (state instanceof SegmentState.Restored) {
      restoredBytes += bytes;
    }
  }

  CatalogStats snapshot() {
    return new CatalogStats(
        segments,
        byTier,
        byState,
        byState.getOrDefault(SegmentState.RemoteOnly.LABEL, 0L),
        totalBytes,
        localBytes,
        remoteBytes,
        restoredBytes,
        transitions);
  }
}
