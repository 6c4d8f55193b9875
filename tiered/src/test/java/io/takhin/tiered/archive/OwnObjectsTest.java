package io.takhin.tiered.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A hold that is read wrongly would keep nothing, so a broken body is no hold and no absence. */
final class OwnObjectsTest {
  private static final ObjectKey KEY = new ObjectKey("cluster/.takhin/holds/audit.json");
  private static final String JSON = "{\"name\":\"audit\"}";

  private final FaultyStore store =
      new FaultyStore(new MemoryStore(Clock.systemUTC(), ObjectStore.Multipart.MIN_PART_BYTES));
  private final OwnObjects objects = new OwnObjects(store);
  private final AtomicInteger altered = new AtomicInteger();

  @Test
  void alteredBodyIsRefusedAndReadAgainRightly() throws Exception {
    objects.create(KEY, JSON);
    store.inject(
        new AlteredBodies(
            altered,
            bytes -> {
              bytes[10] ^= 1;
              return bytes;
            }));

    assertThatThrownBy(() -> objects.read(KEY))
        .isInstanceOf(StoreException.Corrupt.class)
        .hasMessageContaining(KEY.value());
    assertThat(altered.get()).isPositive();

    store.heal();
    assertThat(objects.read(KEY)).hasValue(JSON.getBytes(StandardCharsets.UTF_8));
  }
}
