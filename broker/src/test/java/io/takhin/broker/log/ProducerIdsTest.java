package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProducerIdsTest {
  @TempDir Path dataDir;

  @Test
  void noIdIsGivenTwiceOverRestarts() throws Exception {
    Set<Long> seen = new HashSet<>();
    for (int restart = 0; restart < 3; restart++) {
      // When
      ProducerIds ids = new ProducerIds(dataDir);

      // Then
      for (int i = 0; i < 2_500; i++) {
        assertThat(seen.add(ids.take())).isTrue();
      }
    }
  }
}
