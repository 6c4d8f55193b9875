package io.takhin.tiered.store.metered;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class MeteredStoreTest {
  private static final ObjectKey KEY = new ObjectKey("p/object");

  private final AtomicLong nanos = new AtomicLong();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final MeteredStore store =
      new MeteredStore(new MemoryStore(), meters, Clock.systemUTC(), nanos::get);

  @Test
  void theTimeOfAReadIsThatOfTheStoreAndNotOfItsTarget() throws Exception {
    // Given a target that takes an hour for what it is given
    ByteBuffer body = ByteBuffer.allocate(100_000);
    store.put(KEY, body, Crc32c.of(body), PutOptions.BINARY);
    AtomicLong writes = new AtomicLong();
    WritableByteChannel slow =
        new WritableByteChannel() {
          @Override
          public int write(ByteBuffer bytes) {
            writes.incrementAndGet();
            nanos.addAndGet(Duration.ofHours(1).toNanos());
            int count = bytes.remaining();
            bytes.position(bytes.limit());
            return count;
          }

          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void close() {}
        };

    // When
    store.read(KEY, 0, body.capacity(), null, slow);

    // Then
    assertThat(writes.get()).isPositive();
    Timer reads = meters.get("tiered_storage_s3_requests").tag("operation", "get").timer();
    assertThat(reads.count()).isEqualTo(1);
    assertThat(reads.totalTime(TimeUnit.NANOSECONDS)).isZero();
    assertThat(store.traffic().bytesDownloaded()).isEqualTo(body.capacity());
  }
}
