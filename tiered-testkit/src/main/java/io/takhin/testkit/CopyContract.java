package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static io.takhin.testkit.ContractSubject.checksum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract's chapter on copies inside the store. */
interface CopyContract extends ContractSubject {
  int COPY_PART_BYTES = (int) Multipart.MIN_PART_BYTES;
  PutOptions DESCRIBED = new PutOptions(false, "text/plain", Map.of("attempt", "7"));

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 300_000})
  default void copiesAnObjectWithWhatDescribesIt(int sizeBytes) throws Exception {
    // Given
    byte[] whole = bytes(sizeBytes, 90);
    put(key("source"), whole, DESCRIBED);

    // When
    StoredObject copy = copies().copy(source("source"), key("copy"));

    // Then
    StoredObject head = store().head(key("copy")).orElseThrow();
    assertThat(copy.key()).isEqualTo(key("copy"));
    assertThat(copy.sizeBytes()).isEqualTo(sizeBytes);
    assertThat(copy.etag()).isEqualTo(head.etag());
    assertThat(head.sizeBytes()).isEqualTo(sizeBytes);
    assertThat(head.checksum()).contains(checksum(whole));
    assertThat(head.metadata()).isEqualTo(DESCRIBED.metadata());
    assertThat(head.contentType()).contains("text/plain");
    assertThat(read(key("copy"), 0, sizeBytes)).isEqualTo(whole);
  }

  @Test
  default void replacesWhatStandsAtTheKeyOfTheCopy() throws Exception {
    put(key("source"), bytes(100, 91));
    put(key("copy"), bytes(200, 92));

    copies().copy(source("source"), key("copy"));

    assertThat(read(key("copy"), 0, 100)).isEqualTo(bytes(100, 91));
  }

  @Test
  default void copiesInParts() throws Exception {
    // Given
    byte[] whole = bytes(COPY_PART_BYTES + 12_345, 93);
    put(key("source"), whole, DESCRIBED);

    // When: the parts are copied out of order, as they are in parallel.
    ObjectCopies.Upload upload = copies().start(source("source"), key("copy"));
    assertThat(store().pendingUploads(prefix())).hasSize(1);
    upload.copyPart(2, COPY_PART_BYTES, 12_345);
    upload.copyPart(1, 0, COPY_PART_BYTES);
    assertThat(store().head(key("copy"))).isEmpty();
    upload.complete();

    // Then
    StoredObject head = store().head(key("copy")).orElseThrow();
    assertThat(head.sizeBytes()).isEqualTo(whole.length);
    assertThat(head.checksum()).contains(checksum(whole));
    assertThat(head.metadata()).isEqualTo(DESCRIBED.metadata());
    assertThat(head.contentType()).contains("text/plain");
    assertThat(read(key("copy"), 0, whole.length)).isEqualTo(whole);
    assertThat(store().pendingUploads(prefix())).isEmpty();
  }

  @Test
  default void refusesToCopyAnObjectThatHasChanged() throws Exception {
    // Given
    put(key("source"), bytes(100, 94));
    CopySource former = source("source");
    put(key("source"), bytes(100, 95));
    ObjectCopies.Upload upload = copies().start(former, key("copy"));

    // When / Then
    assertThatThrownBy(() -> copies().copy(former, key("copy")))
        .isInstanceOf(StoreException.PreconditionFailed.class);
    assertThatThrownBy(() -> upload.copyPart(1, 0, 100))
        .isInstanceOf(StoreException.PreconditionFailed.class);
    assertThat(store().head(key("copy"))).isEmpty();
  }

  @Test
  default void reportsASourceThatIsGone() throws Exception {
    put(key("source"), bytes(100, 96));
    CopySource former = source("source");
    store().delete(key("source"));

    assertThatThrownBy(() -> copies().copy(former, key("copy")))
        .isInstanceOf(StoreException.NotFound.class);
    assertThat(store().head(key("copy"))).isEmpty();
  }

  @Test
  default void refusesASourceOfAnotherService() throws Exception {
    put(key("source"), bytes(100, 97));
    CopySource here = source("source");
    CopySource elsewhere = new CopySource("elsewhere", here.bucket(), here.object());

    assertThat(copies().accepts(here)).isTrue();
    assertThat(copies().accepts(elsewhere)).isFalse();
    assertThatThrownBy(() -> copies().copy(elsewhere, key("copy")))
        .isInstanceOf(StoreException.Rejected.class);
    assertThatThrownBy(() -> copies().start(elsewhere, key("copy")))
        .isInstanceOf(StoreException.Rejected.class);
    assertThat(store().pendingUploads(prefix())).isEmpty();
  }

  @Test
  default void refusesToCompleteACopyThatLacksParts() throws Exception {
    put(key("source"), bytes(COPY_PART_BYTES + 10, 98));
    ObjectCopies.Upload upload = copies().start(source("source"), key("copy"));
    assertThatThrownBy(upload::complete).isInstanceOf(StoreException.Rejected.class);
    upload.copyPart(2, COPY_PART_BYTES, 10);

    assertThatThrownBy(upload::complete).isInstanceOf(StoreException.Rejected.class);
    assertThat(store().head(key("copy"))).isEmpty();
  }

  @Test
  default void forgetsAnAbortedCopy() throws Exception {
    // Given
    put(key("source"), bytes(100, 99));
    ObjectCopies.Upload upload = copies().start(source("source"), key("copy"));
    upload.copyPart(1, 0, 100);

    // When: the second time as another process would.
    upload.abort();
    store().resumeMultipart(upload.upload()).abort();

    // Then
    assertThat(store().pendingUploads(prefix())).isEmpty();
    assertThatThrownBy(upload::complete).isInstanceOf(StoreException.NotFound.class);
    assertThat(store().head(key("copy"))).isEmpty();
  }

  private ObjectCopies copies() {
    return store().copies();
  }

  private CopySource source(String name) throws StoreException {
    return copies().source(store().head(key(name)).orElseThrow());
  }
}
