package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The guess of a position is only a guess: uneven segments are found as well as even ones. */
class PartitionSegmentsTest {
  private static final PartitionId PARTITION = new PartitionId("t", 0);

  private final PartitionSegments segments = new PartitionSegments(PARTITION);

  private static SegmentMetadata segment(long baseOffset) {
    return SegmentMetadata.sealed(new SegmentId(PARTITION, baseOffset), baseOffset + 1, 0, 1, 0);
  }

  @Test
  void offsetsThatGrowExponentiallyAreFound() {
    for (int bit = 0; bit < 62; bit++) {
      segments.put(segment(1L << bit));
    }

    for (int bit = 0; bit < 62; bit++) {
      assertThat(segments.at(1L << bit)).isEqualTo(segment(1L << bit));
      assertThat(segments.at((1L << bit) + 1))
          .as("bit %d", bit)
          .isEqualTo(bit == 0 ? segment(2) : null);
    }
    assertThat(segments.at(0)).isNull();
    assertThat(segments.at(Long.MAX_VALUE)).isNull();
  }

  @Test
  void agreesWithASortedMapWhateverIsDone() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int history = 0; history < 300; history++) {
      PartitionSegments tested = new PartitionSegments(PARTITION);
      NavigableMap<Long, SegmentMetadata> model = new TreeMap<>();
      long range = 1L << (1 + random.nextInt(62));
      for (int step = 0; step < 200; step++) {
        long offset = Math.floorMod(random.nextLong(), range);
        long other = model.isEmpty() ? offset : nearest(model, offset);
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            tested.put(segment(offset));
            model.put(offset, segment(offset));
          }
          case 2 -> {
            tested.remove(other);
            model.remove(other);
          }
          default -> {
            assertThat(tested.at(offset)).as("seed %d", seed).isEqualTo(model.get(offset));
            assertThat(tested.at(other)).as("seed %d", seed).isEqualTo(model.get(other));
            assertThat(tested.covering(other))
                .as("seed %d", seed)
                .isEqualTo(Optional.ofNullable(model.get(other)));
          }
        }
      }
      assertThat(tested.all()).as("seed %d", seed).isEqualTo(List.copyOf(model.values()));
      assertThat(tested.isEmpty()).as("seed %d", seed).isEqualTo(model.isEmpty());
    }
  }

  private static long nearest(NavigableMap<Long, SegmentMetadata> model, long offset) {
    Map.Entry<Long, SegmentMetadata> floor = model.floorEntry(offset);
    return floor == null ? model.firstKey() : floor.getKey();
  }
}
