package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static io.takhin.testkit.ContractSubject.checksum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract's chapter on objects that are created, overwritten, asked for and removed. */
interface WritingContract extends ContractSubject {
  int RACING_WRITERS = 8;

  /** Whether one of several writers of a conditional create wins, and only one. */
  boolean createsAtomically();

  @Test
  default void readsBackWhatWasPut() throws Exception {
    // Given
    byte[] bytes = bytes(100_000, 1);

    // When
    put(key("object"), bytes);

    // Then
    assertThat(read(key("object"), 0, bytes.length)).isEqualTo(bytes);
  }

  @Test
  default void describesWhatWasPut() throws Exception {
    // Given
    byte[] bytes = bytes(1_000, 2);
    Map<String, String> metadata = Map.of("attempt", "0193-7", "segment-writer", "a b;c=\"d\"");

    // When
    StoredObject put =
        put(key("object"), bytes, new PutOptions(false, "application/json", metadata));

    // Then
    StoredObject head = store().head(key("object")).orElseThrow();
    assertThat(head.key()).isEqualTo(key("object"));
    assertThat(head.sizeBytes()).isEqualTo(1_000);
    assertThat(head.checksum()).contains(checksum(bytes));
    assertThat(head.metadata()).containsExactlyInAnyOrderEntriesOf(metadata);
    assertThat(head.etag()).isNotBlank().isEqualTo(put.etag());
    assertThat(put.key()).isEqualTo(key("object"));
    assertThat(put.sizeBytes()).isEqualTo(1_000);
    // A day's tolerance, because a server's clock need not be ours.
    Instant now = Instant.now();
    assertThat(head.lastModified())
        .isBetween(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)));
  }

  @Test
  default void keepsAnEmptyObject() throws Exception {
    // When
    put(key("empty"), new byte[0]);

    // Then
    StoredObject head = store().head(key("empty")).orElseThrow();
    assertThat(head.sizeBytes()).isZero();
    assertThat(head.checksum()).contains(Crc32c.EMPTY);
    assertThat(read(key("empty"), 0, 0)).isEmpty();
  }

  @Test
  default void overwritesAndChangesTheEtag() throws Exception {
    // Given
    StoredObject former = put(key("object"), bytes(5_000, 3));
    byte[] bytes = bytes(40, 4);

    // When
    put(key("object"), bytes);

    // Then
    StoredObject head = store().head(key("object")).orElseThrow();
    assertThat(head.etag()).isNotEqualTo(former.etag());
    assertThat(head.checksum()).contains(checksum(bytes));
    assertThat(read(key("object"), 0, 40)).isEqualTo(bytes);
  }

  @Test
  default void keepsAnObjectBesideOthersBelowItsName() throws Exception {
    // Given
    put(key("a"), bytes(10, 5));

    // When
    put(key("a/b"), bytes(20, 6));

    // Then
    assertThat(read(key("a"), 0, 10)).isEqualTo(bytes(10, 5));
    assertThat(read(key("a/b"), 0, 20)).isEqualTo(bytes(20, 6));
  }

  @Test
  default void takesEveryCharacterAKeyMayHave() throws Exception {
    // Given
    ObjectKey key = key("!_.*'()=-/.hidden/..dots/00000000000000000000.log");

    // When
    put(key, bytes(30, 7));

    // Then
    assertThat(read(key, 0, 30)).isEqualTo(bytes(30, 7));
    assertThat(store().list(key.value(), null, 10)).extracting(StoredObject::key).contains(key);
  }

  @Test
  default void createsWhatIsAbsent() throws Exception {
    // When
    put(key("manifest"), bytes(300, 8), CREATE_ONLY);

    // Then
    assertThat(read(key("manifest"), 0, 300)).isEqualTo(bytes(300, 8));
  }

  @Test
  default void leavesAnObjectAloneThatOughtToBeAbsent() throws Exception {
    // Given
    StoredObject standing = put(key("manifest"), bytes(300, 9));

    // When / Then
    assertThatThrownBy(() -> put(key("manifest"), bytes(200, 10), CREATE_ONLY))
        .isInstanceOf(StoreException.PreconditionFailed.class)
        .hasMessageContaining(key("manifest").value());
    assertThat(store().head(key("manifest")).orElseThrow().etag()).isEqualTo(standing.etag());
    assertThat(read(key("manifest"), 0, 300)).isEqualTo(bytes(300, 9));
  }

  @Test
  default void letsOneOfManyWritersCreate() throws Exception {
    assumeTrue(createsAtomically(), "this store is known to let more than one writer create");
    // Given
    CyclicBarrier start = new CyclicBarrier(RACING_WRITERS);
    ExecutorService writers = Executors.newFixedThreadPool(RACING_WRITERS);
    List<Future<Boolean>> outcomes = new ArrayList<>();

    // When
    try {
      for (int writer = 0; writer < RACING_WRITERS; writer++) {
        byte[] bytes = bytes(100, writer);
        outcomes.add(
            writers.submit(
                () -> {
                  start.await(3, TimeUnit.MINUTES);
                  try {
                    put(key("contended"), bytes, CREATE_ONLY);
                    return true;
                  } catch (StoreException.PreconditionFailed e) {
                    return false; // The outcome of all writers but one.
                  }
                }));
      }
    } finally {
      writers.shutdown();
    }

    // Then
    List<Integer> winners = new ArrayList<>();
    for (int writer = 0; writer < RACING_WRITERS; writer++) {
      if (outcomes.get(writer).get(3, TimeUnit.MINUTES)) {
        winners.add(writer);
      }
    }
    assertThat(winners).hasSize(1);
    assertThat(read(key("contended"), 0, 100)).isEqualTo(bytes(100, winners.get(0)));
  }

  @Test
  default void refusesBytesThatDoNotMatchTheirChecksum() throws Exception {
    // Given
    byte[] bytes = bytes(500, 11);
    Crc32c wrong = new Crc32c(checksum(bytes).value() ^ 1);

    // When / Then
    assertThatThrownBy(
            () -> store().put(key("object"), ByteBuffer.wrap(bytes), wrong, PutOptions.BINARY))
        .isInstanceOf(StoreException.Corrupt.class);
    assertThat(store().head(key("object"))).isEmpty();
  }

  /** The same bytes in buffers of every kind, with something before and behind them. */
  static Stream<ByteBuffer> buffers() {
    byte[] bytes = bytes(9_000, 12);
    ByteBuffer heap = ByteBuffer.wrap(bytes.clone());
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    return Stream.of(heap, direct, heap.asReadOnlyBuffer(), direct.asReadOnlyBuffer())
        .map(buffer -> buffer.duplicate().position(700).limit(8_200));
  }

  @ParameterizedTest
  @MethodSource("io.takhin.testkit.WritingContract#buffers")
  default void leavesTheCallersBufferAsItWas(ByteBuffer body) throws Exception {
    // Given
    Crc32c checksum = Crc32c.of(body);
    byte[] expected = new byte[body.remaining()];
    body.duplicate().get(expected);

    // When
    store().put(key("object"), body, checksum, PutOptions.BINARY);

    // Then
    assertThat(body.position()).isEqualTo(700);
    assertThat(body.limit()).isEqualTo(8_200);
    assertThat(Crc32c.of(body)).isEqualTo(checksum);
    assertThat(read(key("object"), 0, expected.length)).isEqualTo(expected);
  }

  @Test
  default void keepsItsOwnCopyOfTheBytes() throws Exception {
    // Given
    byte[] bytes = bytes(2_000, 13);
    ByteBuffer body = ByteBuffer.allocateDirect(2_000).put(bytes).flip();
    store().put(key("object"), body, checksum(bytes), PutOptions.BINARY);

    // When
    body.clear().put(bytes(2_000, 14));

    // Then
    assertThat(read(key("object"), 0, 2_000)).isEqualTo(bytes);
  }

  @Test
  default void findsNothingWhereNothingIs() throws Exception {
    assertThat(store().head(key("nothing"))).isEmpty();
    assertThat(store().head(key("no/such/folder"))).isEmpty();
  }

  @Test
  default void removesAnObjectOnceAndForAll() throws Exception {
    // Given
    put(key("object"), bytes(100, 15));

    // When
    store().delete(key("object"));
    store().delete(key("object"));

    // Then
    assertThat(store().head(key("object"))).isEmpty();
    assertThatThrownBy(() -> read(key("object"), 0, 1)).isInstanceOf(StoreException.NotFound.class);
    assertThat(store().list(prefix(), null, 10)).isEmpty();
  }

  @Test
  default void removesOnlyWhatWasNamed() throws Exception {
    // Given
    put(key("object"), bytes(100, 16));
    put(key("object.log"), bytes(100, 17));

    // When
    store().delete(key("object"));

    // Then
    assertThat(store().head(key("object.log"))).isPresent();
  }

  @Test
  default void saysWhereItIs() {
    assertThat(store().description()).isNotBlank();
  }
}
