package io.takhin.tiered.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DueIndexTest {
  private final DueIndex index = new DueIndex();

  private static SegmentId segment(long baseOffset) {
    return SegmentId.of("t", 0, baseOffset);
  }

  @Test
  void whatIsDueComesOutEarliestFirst() {
    index.schedule(segment(1), 30);
    index.schedule(segment(2), 10);
    index.schedule(segment(3), 20);

    assertThat(index.takeDue(20)).contains(segment(2));
    assertThat(index.takeDue(20)).contains(segment(3));
    assertThat(index.takeDue(20)).isEmpty();
    assertThat(index.size()).isEqualTo(1);
  }

  @Test
  void onlyTheLastTimeCounts() {
    index.schedule(segment(1), 10);
    index.schedule(segment(1), 50);
    index.schedule(segment(2), 10);
    index.schedule(segment(2), Decision.NEVER);

    assertThat(index.takeDue(49)).isEmpty();
    assertThat(index.takeDue(50)).contains(segment(1));
  }

  @Test
  void anEarlierTimeIsKeptWhenAsked() {
    index.schedule(segment(1), 10);

    index.scheduleNoLater(segment(1), 20);
    index.scheduleNoLater(segment(1), Decision.NEVER);

    assertThat(index.takeDue(10)).contains(segment(1));
  }

  @Test
  void agreesWithAPlainMapWhateverIsDone() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<SegmentId, Long> model = new HashMap<>();
    for (int step = 0; step < 50_000; step++) {
      SegmentId id = segment(random.nextInt(50));
      long due = random.nextInt(10) == 0 ? Decision.NEVER : random.nextInt(1_000);
      index.schedule(id, due);
      if (due == Decision.NEVER) {
        model.remove(id);
      } else {
        model.put(id, due);
      }
      if (random.nextInt(100) == 0) {
        long now = random.nextInt(1_000);
        List<Long> times = new ArrayList<>();
        for (Optional<SegmentId> taken = index.takeDue(now);
            taken.isPresent();
            taken = index.takeDue(now)) {
          times.add(model.remove(taken.get()));
        }
        assertThat(times).as("seed %d", seed).doesNotContainNull().isSorted();
        assertThat(model.values()).as("seed %d", seed).allMatch(left -> left > now);
        assertThat(index.size()).as("seed %d", seed).isEqualTo(model.size());
      }
    }
  }
}
