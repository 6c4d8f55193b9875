package io.takhin.tiered;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.read.ReadMode;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a segment that is read is streamed, and when it is restored. */
@Timeout(600)
final class ReadModeTest extends ColdReads {
  @Test
  void segmentReadOftenIsRestoredInTheBackgroundAndSaysWhy() throws Exception {
    reopen(options -> options.restoreAfterReads(2));

    // When it is read through twice
    for (int pass = 0; pass < 2; pass++) {
      assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();
      for (int at = 0; at < BYTES; at += 4 * CHUNK) {
        read(id, at, Math.min(4 * CHUNK, BYTES - at));
      }
    }

    // Then it comes back, its chunks go, and the decision says why
    Awaitility.await().until(() -> tiers.find(id).orElseThrow().state().label().equals("restored"));
    assertThat(tiers.readDecision(id).orElseThrow().reason())
        .startsWith("restored: served 2.00 times its size");
    Awaitility.await().until(() -> cachedBytes() < 2 * CHUNK);
    assertThat(read(id, 0, 10)).isEqualTo(part(id, BYTES, 0, 10));
  }

  @Test
  void segmentReadOnceThroughStaysInTheBucket() throws Exception {
    for (int at = 0; at < BYTES; at += 4 * CHUNK) {
      read(id, at, Math.min(4 * CHUNK, BYTES - at));
    }

    assertThat(tiers.readDecision(id).orElseThrow().restore()).isFalse();
    assertThat(tiers.readDecision(id).orElseThrow().reason())
        .startsWith("streamed: served 1.00 times its size");
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();
  }

  @Test
  void segmentAskedForNearlyWholeInNoOrderIsRestored() throws Exception {
    for (int chunk = 23; chunk >= 0; chunk--) {
      read(id, (long) chunk * CHUNK, CHUNK);
    }

    Awaitility.await().until(() -> tiers.find(id).orElseThrow().state().label().equals("restored"));
    assertThat(tiers.readDecision(id).orElseThrow().coverage()).isGreaterThanOrEqualTo(0.8);
  }

  @Test
  void modeStreamNeverRestoresAndModeRestoreAlwaysDoes() throws Exception {
    reopen(options -> options.readMode(ReadMode.STREAM).restoreAfterReads(0.1));
    read(id, 0, 20 * CHUNK);
    assertThat(tiers.readDecision(id).orElseThrow().reason())
        .startsWith("streamed: the read mode is stream");
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();

    reopen(options -> options.readMode(ReadMode.RESTORE));
    assertThat(read(id, 0, 10)).isEqualTo(part(id, BYTES, 0, 10));
    assertThat(tiers.find(id).orElseThrow().state().label()).isEqualTo("restored");
  }
}
