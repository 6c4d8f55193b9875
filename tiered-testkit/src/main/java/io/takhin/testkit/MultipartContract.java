package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static io.takhin.testkit.ContractSubject.checksum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The contract's chapter on objects sent in parts. */
interface MultipartContract extends ContractSubject {
  int PART_BYTES = (int) Multipart.MIN_PART_BYTES;
  int TAIL_BYTES = 12_345;
  int WHOLE_BYTES = PART_BYTES + TAIL_BYTES;

  /** Whether aborting an upload leaves an object alone that already stands at its key. */
  boolean abortSparesStandingObject();

  @Test
  default void joinsTheParts() throws Exception {
    // Given
    byte[] whole = bytes(WHOLE_BYTES, 50);
    Map<String, String> metadata = Map.of("attempt", "7");
    Multipart multipart =
        store().startMultipart(key("object"), new PutOptions(false, "text/plain", metadata));

    // When: the parts arrive out of order, as they do when they are sent in parallel.
    Part second = tail(multipart, whole);
    Part first = first(multipart, whole);
    StoredObject object = multipart.complete(List.of(first, second), checksum(whole));

    // Then
    StoredObject head = store().head(key("object")).orElseThrow();
    assertThat(head.sizeBytes()).isEqualTo(WHOLE_BYTES);
    assertThat(head.checksum()).contains(checksum(whole));
    assertThat(head.metadata()).isEqualTo(metadata);
    assertThat(head.etag()).isEqualTo(object.etag());
    assertThat(read(key("object"), 0, WHOLE_BYTES)).isEqualTo(whole);
    assertThat(store().pendingUploads(prefix())).isEmpty();
  }

  @Test
  default void readsARangeAcrossParts() throws Exception {
    // Given
    byte[] whole = bytes(WHOLE_BYTES, 51);
    Multipart multipart = start();
    multipart.complete(List.of(first(multipart, whole), tail(multipart, whole)), checksum(whole));

    // When
    byte[] range = read(key("object"), PART_BYTES - 100, 300);

    // Then
    assertThat(range).isEqualTo(Arrays.copyOfRange(whole, PART_BYTES - 100, PART_BYTES + 200));
  }

  @Test
  default void takesASinglePartOfAnySize() throws Exception {
    // Given
    byte[] whole = bytes(17, 52);
    Multipart multipart = start();
    Part part = multipart.putPart(1, ByteBuffer.wrap(whole), checksum(whole));

    // When
    multipart.complete(List.of(part), checksum(whole));

    // Then
    assertThat(read(key("object"), 0, 17)).isEqualTo(whole);
  }

  @Test
  default void keepsThePartThatWasSentLast() throws Exception {
    // Given
    byte[] whole = bytes(100, 53);
    Multipart multipart = start();
    multipart.putPart(1, ByteBuffer.wrap(bytes(50, 54)), checksum(bytes(50, 54)));
    Part again = multipart.putPart(1, ByteBuffer.wrap(whole), checksum(whole));

    // When
    multipart.complete(List.of(again), checksum(whole));

    // Then
    assertThat(read(key("object"), 0, 100)).isEqualTo(whole);
  }

  @Test
  default void showsNothingBeforeItIsComplete() throws Exception {
    // Given
    Multipart multipart = start();

    // When
    first(multipart, bytes(WHOLE_BYTES, 55));

    // Then
    assertThat(store().head(key("object"))).isEmpty();
    assertThat(store().list(prefix(), null, 10)).isEmpty();
  }

  @Test
  default void overwritesOnlyWhenItIsComplete() throws Exception {
    // Given
    byte[] former = bytes(100, 56);
    put(key("object"), former);
    byte[] whole = bytes(200, 57);
    Multipart multipart = start();
    Part part = multipart.putPart(1, ByteBuffer.wrap(whole), checksum(whole));
    assertThat(read(key("object"), 0, 100)).isEqualTo(former);

    // When
    multipart.complete(List.of(part), checksum(whole));

    // Then
    assertThat(read(key("object"), 0, 200)).isEqualTo(whole);
  }

  @Test
  default void refusesAPartThatDoesNotMatchItsChecksum() throws Exception {
    // Given
    byte[] bytes = bytes(1_000, 58);
    Multipart multipart = start();

    // When / Then
    assertThatThrownBy(
            () ->
                multipart.putPart(
                    1, ByteBuffer.wrap(bytes), new Crc32c(checksum(bytes).value() ^ 1)))
        .isInstanceOf(StoreException.Corrupt.class);
  }

  @Test
  default void refusesAWholeThatDoesNotMatchItsChecksumAndKeepsTheParts() throws Exception {
    // Given
    byte[] whole = bytes(WHOLE_BYTES, 59);
    Multipart multipart = start();
    List<Part> parts = List.of(first(multipart, whole), tail(multipart, whole));

    // When / Then
    assertThatThrownBy(() -> multipart.complete(parts, new Crc32c(checksum(whole).value() ^ 1)))
        .isInstanceOf(StoreException.Corrupt.class);
    assertThat(store().head(key("object"))).isEmpty();
    multipart.complete(parts, checksum(whole));
    assertThat(read(key("object"), 0, WHOLE_BYTES)).isEqualTo(whole);
  }

  @Test
  default void refusesPartsOutOfOrderAndGaps() throws Exception {
    // Given
    byte[] whole = bytes(WHOLE_BYTES, 60);
    Multipart multipart = start();
    Part first = first(multipart, whole);
    Part second = tail(multipart, whole);
    Part third = multipart.putPart(3, ByteBuffer.wrap(whole, 0, 9), crc(whole, 0, 9));

    // When / Then
    for (List<Part> parts :
        List.of(List.of(second, first), List.of(first, third), List.<Part>of())) {
      assertThatThrownBy(() -> multipart.complete(parts, checksum(whole)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(store().head(key("object"))).isEmpty();
  }

  @Test
  default void refusesNumbersThatNoPartHas() throws Exception {
    Multipart multipart = start();

    for (int number : new int[] {-1, 0, Multipart.MAX_PARTS + 1}) {
      assertThatThrownBy(
              () -> multipart.putPart(number, ByteBuffer.allocate(1), crc(new byte[1], 0, 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  default void refusesASmallPartThatIsNotTheLast() throws Exception {
    // Given
    byte[] whole = bytes(20, 61);
    Multipart multipart = start();
    Part first = multipart.putPart(1, ByteBuffer.wrap(whole, 0, 10), crc(whole, 0, 10));
    Part second = multipart.putPart(2, ByteBuffer.wrap(whole, 10, 10), crc(whole, 10, 10));

    // When / Then
    assertThatThrownBy(() -> multipart.complete(List.of(first, second), checksum(whole)))
        .isInstanceOf(StoreException.Rejected.class);
    assertThat(store().head(key("object"))).isEmpty();
  }

  @Test
  default void refusesAPartItHasNotSeen() throws Exception {
    // Given
    byte[] whole = bytes(20, 62);
    Multipart multipart = start();
    Part part = multipart.putPart(1, ByteBuffer.wrap(whole), checksum(whole));
    Part other = new Part(1, 20, part.checksum(), "\"00000000000000000000000000000000\"");

    // When / Then
    assertThatThrownBy(() -> multipart.complete(List.of(other), checksum(whole)))
        .isInstanceOf(StoreException.Rejected.class);
    assertThat(store().head(key("object"))).isEmpty();
  }

  @Test
  default void doesNotReplaceAStandingObjectIfToldSo() throws Exception {
    // Given an upload that began before the object was there
    byte[] late = bytes(100, 70);
    Multipart multipart = store().startMultipart(key("object"), CREATE_ONLY);
    Part part = multipart.putPart(1, ByteBuffer.wrap(late), checksum(late));
    put(key("object"), bytes(100, 71));

    // When / Then
    assertThatThrownBy(() -> multipart.complete(List.of(part), checksum(late)))
        .isInstanceOf(StoreException.PreconditionFailed.class);
    assertThat(read(key("object"), 0, 100)).isEqualTo(bytes(100, 71));
    if (abortSparesStandingObject()) {
      multipart.abort();
      assertThat(store().pendingUploads(prefix())).isEmpty();
      assertThat(read(key("object"), 0, 100)).isEqualTo(bytes(100, 71));
    }
  }

  @Test
  default void createsAnObjectInPartsWhereThereIsNone() throws Exception {
    // Given
    byte[] whole = bytes(100, 72);
    Multipart multipart = store().startMultipart(key("object"), CREATE_ONLY);
    Part part = multipart.putPart(1, ByteBuffer.wrap(whole), checksum(whole));

    // When
    multipart.complete(List.of(part), checksum(whole));

    // Then
    assertThat(read(key("object"), 0, 100)).isEqualTo(whole);
  }

  @Test
  default void forgetsAnAbortedUpload() throws Exception {
    // Given
    Multipart multipart = start();
    byte[] bytes = bytes(100, 63);
    Part part = multipart.putPart(1, ByteBuffer.wrap(bytes), checksum(bytes));

    // When
    multipart.abort();
    multipart.abort();

    // Then
    assertThat(store().pendingUploads(prefix())).isEmpty();
    assertThatThrownBy(() -> multipart.complete(List.of(part), checksum(bytes)))
        .isInstanceOf(StoreException.NotFound.class);
    assertThatThrownBy(() -> multipart.putPart(1, ByteBuffer.wrap(bytes), checksum(bytes)))
        .isInstanceOf(StoreException.NotFound.class);
    assertThat(store().head(key("object"))).isEmpty();
  }

  @Test
  default void leavesAStandingObjectAloneWhenAnUploadIsAborted() throws Exception {
    assumeTrue(
        abortSparesStandingObject(), "this store is known to remove the object of an aborted key");
    // Given
    put(key("object"), bytes(100, 64));
    Multipart multipart = start();
    first(multipart, bytes(WHOLE_BYTES, 65));

    // When
    multipart.abort();

    // Then
    assertThat(read(key("object"), 0, 100)).isEqualTo(bytes(100, 64));
  }

  @Test
  default void listsUploadsThatAreUnderWay() throws Exception {
    // Given
    Multipart one = store().startMultipart(key("t-1/0.log"), PutOptions.BINARY);
    Multipart two = store().startMultipart(key("t-1/0.log"), PutOptions.BINARY);
    Multipart other = store().startMultipart(key("t-2/0.log"), PutOptions.BINARY);

    // When
    List<PendingUpload> pending = store().pendingUploads(prefix() + "t-1");

    // Then
    assertThat(pending)
        .extracting(PendingUpload::uploadId)
        .containsExactlyInAnyOrder(one.upload().uploadId(), two.upload().uploadId());
    assertThat(pending).extracting(PendingUpload::key).containsOnly(key("t-1/0.log"));
    assertThat(store().pendingUploads(prefix())).hasSize(3);
    other.abort();
    assertThat(store().pendingUploads(prefix())).hasSize(2);
  }

  @Test
  default void abortsAnUploadThatWasTakenUpAgain() throws Exception {
    // Given
    first(start(), bytes(WHOLE_BYTES, 66));
    PendingUpload found = store().pendingUploads(prefix()).get(0);

    // When
    store().resumeMultipart(found).abort();

    // Then
    assertThat(store().pendingUploads(prefix())).isEmpty();
    assertThat(store().head(key("object"))).isEmpty();
  }

  @Test
  default void leavesTheBufferOfAPartAsItWas() throws Exception {
    // Given
    byte[] bytes = bytes(1_000, 67);
    ByteBuffer direct = ByteBuffer.allocateDirect(1_000).put(bytes).position(100).limit(900);
    Multipart multipart = start();

    // When
    Part part = multipart.putPart(1, direct, crc(bytes, 100, 800));

    // Then
    assertThat(direct.position()).isEqualTo(100);
    assertThat(direct.limit()).isEqualTo(900);
    direct.clear().put(bytes(1_000, 68));
    multipart.complete(List.of(part), crc(bytes, 100, 800));
    assertThat(read(key("object"), 0, 800)).isEqualTo(Arrays.copyOfRange(bytes, 100, 900));
  }

  private Multipart start() throws StoreException {
    return store().startMultipart(key("object"), PutOptions.BINARY);
  }

  private static Part first(Multipart multipart, byte[] whole) throws StoreException {
    return multipart.putPart(1, ByteBuffer.wrap(whole, 0, PART_BYTES), crc(whole, 0, PART_BYTES));
  }

  private static Part tail(Multipart multipart, byte[] whole) throws StoreException {
    return multipart.putPart(
        2, ByteBuffer.wrap(whole, PART_BYTES, TAIL_BYTES), crc(whole, PART_BYTES, TAIL_BYTES));
  }

  private static Crc32c crc(byte[] bytes, int start, int length) {
    return Crc32c.of(ByteBuffer.wrap(bytes, start, length));
  }
}
