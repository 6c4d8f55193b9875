package io.takhin.tiered.catalog;

import java.util.Map;

/**
 * Sums over all segments at one moment. Bytes are those of the log files.
 *
 * @param segments how many there are
 * @param byTier segments of each tier; every tier has an entry
 * @param byState segments of each state by its label; every state has an entry
 * @param archivedSegments segments of which the bucket holds the only copy
 * @param totalBytes bytes of all segments
 * @param localBytes bytes of segments whose files are on this machine
 * @param remoteBytes bytes of segments that are proved in the bucket
 * @param restoredBytes bytes of segments that were brought back
 * @param transitions changes of state since the catalog was opened, by the label of the new state
 */
public record CatalogStats(
    long segments,
    Map<Tier, Long> byTier,
    Map<String, Long> byState,
    long archivedSegments,
    long totalBytes,
    long localBytes,
    long remoteBytes,
    long restoredBytes,
    Map<String, Long> transitions) {
  public CatalogStats {
    byTier = Map.copyOf(byTier);
    byState = Map.copyOf(byState);
    transitions = Map.copyOf(transitions);
  }
}
