package io.takhin.kafka.copy;

import io.takhin.kafka.layout.IndexKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * A segment on the broker's disk.
 *
 * @param indexes its files; a kind that is missing is empty. Without {@link IndexKind#LEADER_EPOCH}
 * @param leaderEpochs from position to limit; not changed
 */
public record LocalSegment(Path log, Map<IndexKind, Path> indexes, ByteBuffer leaderEpochs) {
  public LocalSegment {
    indexes = Map.copyOf(indexes);
  }
}
