package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static io.takhin.testkit.ContractSubject.checksum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.metered.MeteredStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The proxy between the S3 adapter and a server, as other tests use it. */
@LeavesObjects("the objects are those of the test itself, not segments")
final class FaultProxyIT {
  private static final int PART_BYTES = (int) Multipart.MIN_PART_BYTES;

  private final EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
  private final FaultProxy proxy;
  private final S3Store store;
  private final ObjectKey key = new ObjectKey(server.freshPrefix() + "object");

  FaultProxyIT() throws IOException {
    proxy = FaultProxy.start(server.endpoint());
    store =
        new S3Store(
            S3Options.at(proxy.endpoint(), server.bucket(), "us-east-1")
                .withPatience(Duration.ofMinutes(1), 2)
                .withKeys(new S3Options.StaticKeys("any", "any")));
  }

  @AfterEach
  void close() throws IOException {
    proxy.assertAllFired();
    store.close();
    proxy.close();
  }

  @Test
  void countsTheRequestsOfAnUploadInParts() throws Exception {
    // Given
    byte[] whole = bytes(PART_BYTES + 100, 1);
    ByteBuffer first = ByteBuffer.wrap(whole, 0, PART_BYTES);
    ByteBuffer second = ByteBuffer.wrap(whole, PART_BYTES, 100);

    // When
    Multipart multipart = store.startMultipart(key, PutOptions.BINARY);
    Part one = multipart.putPart(1, first, Crc32c.of(first));
    Part two = multipart.putPart(2, second, Crc32c.of(second));
    multipart.complete(List.of(one, two), checksum(whole));
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    store.read(key, PART_BYTES, 100, null, Channels.newChannel(read));

    // Then
    assertThat(read.size()).isEqualTo(100);
    assertThat(proxy.traffic().requests())
        .isEqualTo(
            Map.of(
                S3Operation.CREATE_MULTIPART, 1L,
                S3Operation.UPLOAD_PART, 2L,
                S3Operation.COMPLETE_MULTIPART, 1L,
                S3Operation.GET_OBJECT, 1L));
    assertThat(proxy.traffic().bytesUp())
        .isBetween((long) whole.length, whole.length + 2_000L); // and the list of parts
  }

  @Test
  void letsTheAdapterRetryWhenTheServerIsBusy() throws Exception {
    // Given
    Fault fault = proxy.on(S3Operation.PUT_OBJECT).times(1).slowDown();
    MeterRegistry meters = new SimpleMeterRegistry();
    ObjectStore metered = new MeteredStore(store, meters);

    // When
    put();

    // Then
    assertThat(store.head(key)).isPresent();
    assertThat(fault.fired()).isEqualTo(1);
    assertThat(proxy.traffic().requests(S3Operation.PUT_OBJECT)).isEqualTo(2);
    assertThat(metered.strain()).isEqualTo(new StoreStrain(1, 1, 0));
    assertThat(counted(meters, "tiered_storage_s3_retries")).isEqualTo(1);
    assertThat(counted(meters, "tiered_storage_s3_throttled")).isEqualTo(1);
    assertThat(counted(meters, "tiered_storage_s3_stalls")).isZero();
  }

  @Test
  void showsTheAdapterAServerThatIsDown() throws Exception {
    // Given
    put();

    // When / Then
    proxy.goDown();
    assertThatThrownBy(() -> store.head(key)).isInstanceOf(StoreException.Unavailable.class);
    proxy.comeUp();
    assertThat(store.head(key)).isPresent();
  }

  private static double counted(MeterRegistry meters, String name) {
    return meters.get(name).functionCounter().count();
  }

  private void put() throws StoreException {
    byte[] bytes = bytes(1_000, 2);
    store.put(key, ByteBuffer.wrap(bytes), checksum(bytes), PutOptions.BINARY);
  }
}
