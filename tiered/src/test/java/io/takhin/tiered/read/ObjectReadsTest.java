package io.takhin.tiered.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.read.ObjectReads.ProvedLog;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.transfer.ObjectProof;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs of which nothing is known but what the caller gives. */
class ObjectReadsTest {
  private static final int LOG_BYTES = 3_000_000;
  private static final int HEAD_BYTES = 10;

  @TempDir Path directory;
  private final MemoryStore store = new MemoryStore();
  private final Map<ProvedLog, ProvedLog> following = new HashMap<>();
  private ObjectReads reads;

  @BeforeEach
  void setUp() throws IOException {
    reads =
        new ObjectReads(
            new ChunkReadOptions(directory, 64 << 20, Duration.ofSeconds(20), 4, 16 << 20),
            (log, proofs) -> checksums(proofs),
            log -> Optional.ofNullable(following.get(log)),
            store,
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    reads.start();
  }

  @AfterEach
  void tearDown() {
    reads.close();
  }

  @Test
  void bytesComeFromAnyPositionAndTheSecondObjectWhole() throws Exception {
    byte[] bytes = random(1);
    ProvedLog log = stored("a", bytes);

    assertThat(read(log, 0, LOG_BYTES)).isEqualTo(bytes);
    assertThat(read(log, 777_777, 1_000_000))
        .isEqualTo(Arrays.copyOfRange(bytes, 777_777, 1_777_777));
    assertThat(read(log, LOG_BYTES, 10)).isEmpty();
    try (CachedRange proofs = reads.proofs(log).get(3, TimeUnit.MINUTES)) {
      assertThat((long) proofs.lengthBytes()).isEqualTo(log.proofs().sizeBytes());
    }
  }

  @Test
  void whatCameOnceIsNotFetchedAgainUntilItIsForgotten() throws Exception {
    ProvedLog log = stored("a", random(1));
    byte[] unused = read(log, 0, LOG_BYTES);
    store.delete(log.log().key());
    store.delete(log.proofs().key());

    assertThat(read(log, 0, LOG_BYTES)).hasSize(LOG_BYTES);

    reads.forget(log);
    assertThatThrownBy(() -> read(log, 0, LOG_BYTES)).isInstanceOf(ExecutionException.class);
  }

  @Test
  void otherBytesThanWereProvedAreNotServed() throws Exception {
    byte[] bytes = random(1);
    ProvedLog log = stored("a", bytes);
    byte[] damaged = bytes.clone();
    damaged[LOG_BYTES - 1] ^= 1;
    put(log.log().key(), damaged);

    assertThat(read(log, 0, 1_000_000)).isEqualTo(Arrays.copyOf(bytes, 1_000_000));
    assertThatThrownBy(() -> read(log, LOG_BYTES - 10, 10))
        .hasCauseInstanceOf(DamagedChunkException.class);
  }

  @Test
  void aSecondObjectThatDoesNotFitLeavesTheProofOfTheWhole() throws Exception {
    byte[] bytes = random(1);
    ProvedLog log = stored("a", bytes);
    byte[] tooFew = new byte[HEAD_BYTES];
    ObjectProof proofs = put(log.proofs().key(), tooFew);

    assertThat(read(new ProvedLog(log.segment(), log.log(), proofs), 0, LOG_BYTES))
        .isEqualTo(bytes);
  }

  @Test
  void aReaderInOrderHasTheNextLogFetchedAhead() throws Exception {
    ProvedLog first = stored("a", random(1));
    byte[] bytes = random(2);
    ProvedLog second = stored("b", bytes);
    following.put(first, second);

    for (int at = 0; at < LOG_BYTES; at += 500_000) {
      byte[] unused = read(first, at, 500_000);
    }
    await().until(() -> reads.stats().chunksUnderWay() == 0);
    store.delete(second.log().key());

    assertThat(read(second, 0, 1_000_000)).isEqualTo(Arrays.copyOf(bytes, 1_000_000));
  }

  private byte[] read(ProvedLog log, long position, int length) throws Exception {
    try (CachedRange range = reads.read(log, position, length, length).get(3, TimeUnit.MINUTES)) {
      byte[] bytes = new byte[range.lengthBytes()];
      range.readFully(0, ByteBuffer.wrap(bytes));
      return bytes;
    }
  }

  /** The log, and an object with some bytes of another's and then the checksums. */
  private ProvedLog stored(String name, byte[] bytes) throws IOException {
    int chunks = ReadIndex.chunkCount(bytes.length);
    ByteBuffer proofs = ByteBuffer.allocate(HEAD_BYTES + chunks * Integer.BYTES);
    proofs.position(HEAD_BYTES);
    for (int chunk = 0; chunk < chunks; chunk++) {
      int start = chunk * ReadIndex.CHUNK_BYTES;
      int length = Math.min(ReadIndex.CHUNK_BYTES, bytes.length - start);
      proofs.putInt(Crc32c.of(ByteBuffer.wrap(bytes, start, length)).value());
    }
    return new ProvedLog(
        SegmentId.of("topic", 0, name.charAt(0)),
        put(new ObjectKey(name + ".log"), bytes),
        put(new ObjectKey(name + ".proofs"), proofs.array()));
  }

  private ObjectProof put(ObjectKey key, byte[] bytes) throws IOException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    Object unused = store.put(key, body, Crc32c.of(body), PutOptions.BINARY);
    return new ObjectProof(key, bytes.length, Crc32c.of(body));
  }

  private static int[] checksums(CachedRange proofs) throws IOException {
    ByteBuffer packed = ByteBuffer.allocate(proofs.lengthBytes() - HEAD_BYTES);
    proofs.readFully(HEAD_BYTES, packed);
    int[] checksums = new int[packed.capacity() / Integer.BYTES];
    packed.flip().asIntBuffer().get(checksums);
    return checksums;
  }

  private static byte[] random(int seed) {
    byte[] bytes = new byte[LOG_BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
