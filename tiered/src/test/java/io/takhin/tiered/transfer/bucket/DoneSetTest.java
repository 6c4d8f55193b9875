package io.takhin.tiered.transfer.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DoneSetTest {

  @Test
  void remembersExactlyWhatWasAdded() {
    DoneSet done = new DoneSet();
    for (int index = 0; index < 50_000; index++) {
      done.add("key-" + index, "etag", index);
      done.add("key-" + index, "etag", index);
    }

    assertThat(done.size()).isEqualTo(50_000);
    for (int index = 0; index < 50_000; index++) {
      assertThat(done.contains("key-" + index, "etag", index)).isTrue();
      assertThat(done.contains("key-" + index, "other", index)).isFalse();
      assertThat(done.contains("key-" + index, "etag", index + 1)).isFalse();
    }
  }

  @Test
  void forgetsWhatIsBeyondTheBound() {
    DoneSet done = new DoneSet();
    for (int index = 0; index < DoneSet.MAX_OBJECTS + 10; index++) {
      done.add("k" + index, "e", 1);
    }

    assertThat(done.size()).isEqualTo(DoneSet.MAX_OBJECTS);
    assertThat(done.contains("k0", "e", 1)).isTrue();
    assertThat(done.contains("k" + (DoneSet.MAX_OBJECTS + 5), "e", 1)).isFalse();
  }
}
