package io.takhin.tiered.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore;
import io.takhin.tiered.archive.WriterClaims.Newest;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a claim that arrives otherwise than it was written says of its writer: nothing. */
final class WriterClaimsTest {
  private final SegmentKeys keys = new SegmentKeys("cluster");
  private final ObjectKey key = keys.writer(1);
  private final WriterClaim claim = WriterClaim.of(1, "writer", "session", 7);
  private final FaultyStore store =
      new FaultyStore(new MemoryStore(Clock.systemUTC(), ObjectStore.Multipart.MIN_PART_BYTES));
  private final WriterClaims claims = new WriterClaims(store, keys);
  private final AtomicInteger altered = new AtomicInteger();

  @BeforeEach
  void claimThePrefix() throws IOException {
    put(claim.toJson());
  }

  private void put(byte[] bytes) throws IOException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    store.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }

  private void requireNoAnswer() {
    assertThatThrownBy(claims::newest)
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("did not arrive whole")
        .hasMessageContaining(key.value());
    assertThat(altered.get()).isPositive();
  }

  private Newest newest() throws IOException {
    return claims.newest().orElseThrow();
  }

  @Test
  void shortBodyIsNoAnswer() throws Exception {
    store.inject(new AlteredBodies(altered, bytes -> new byte[0]));
    requireNoAnswer();

    store.heal();
    assertThat(newest().claim()).isEqualTo(claim);
  }

  @Test
  void wrongSessionOnTheWayIsNoAnswer() throws Exception {
    // Given a body that reads well and names somebody else
    store.inject(
        new AlteredBodies(altered, bytes -> WriterClaim.of(1, "writer", "sessiom", 7).toJson()));
    requireNoAnswer();

    store.heal();
    assertThat(newest().claim()).isEqualTo(claim);
  }

  @Test
  void whatStandsThereAndIsNoClaimIsToldOf() throws Exception {
    put("no claim".getBytes(StandardCharsets.UTF_8));

    assertThat(newest().claim()).isNull();
    assertThat(newest().problem()).contains("unreadable claim").contains(key.value());
  }
}
