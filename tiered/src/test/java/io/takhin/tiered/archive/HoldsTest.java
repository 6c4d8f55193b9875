package io.takhin.tiered.archive;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.memory.MemoryStore;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last question before a removal, which a hold may have come after all others for. */
final class HoldsTest {
  @TempDir Path dir;

  @Test
  void aRemovalThatWasDecidedBeforeTheHoldDoesNotBeginAfterIt() throws Exception {
    Clock clock = Clock.systemUTC();
    MemoryStore store = new MemoryStore(clock, 5L << 20);
    SegmentKeys keys = new SegmentKeys("cluster");
    SegmentMetadata segment = SegmentMetadata.sealed(SegmentId.of("orders", 0, 0), 100, 1, 1000, 1);
    try (SegmentCatalog catalog = SegmentCatalog.open(dir.resolve("catalog.db"), clock)) {
      WriterEpoch writer = WriterEpoch.open(catalog, store, keys, clock, StepObserver.NONE);
      Holds holds = new Holds(catalog, store, keys, writer, StepObserver.NONE);
      // Given holds that are not known yet, and then one that is
      assertThatThrownBy(() -> holds.removing(segment))
          .isInstanceOf(SegmentBusyException.class)
          .hasMessageContaining("not known yet");
      holds.agree();
      holds.removing(segment).close();
      holds.set(Hold.ofTopic("audit", "orders", "the auditors ask", 5));

      // Then
      assertThatThrownBy(() -> holds.removing(segment))
          .isInstanceOf(HeldException.class)
          .hasMessageContaining("hold=audit");
    }
  }
}
