package io.takhin.tiered.transfer.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.transfer.PartPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BucketTransferOptionsTest {
  private static final BucketTransferOptions OPTIONS = BucketTransferOptions.defaults();
  private static final long TIB = 1L << 40;

  @ParameterizedTest
  @ValueSource(longs = {(8L << 20) + 1, 80_000L << 20, (80_000L << 20) + 1, TIB, 5 * TIB})
  void anyObjectFitsTheNumberOfParts(long sizeBytes) {
    for (PartPlan parts :
        new PartPlan[] {OPTIONS.streamParts(sizeBytes), OPTIONS.copyParts(sizeBytes)}) {
      long sum = 0;
      for (int index = 0; index < parts.count(); index++) {
        assertThat(parts.startBytes(index)).isEqualTo(sum);
        assertThat(parts.lengthBytes(index))
            .isPositive()
            .isLessThanOrEqualTo(parts.partSizeBytes());
        sum += parts.lengthBytes(index);
      }
      assertThat(sum).isEqualTo(sizeBytes);
      assertThat(parts.count()).isLessThanOrEqualTo(Multipart.MAX_PARTS);
      assertThat(parts.partSizeBytes())
          .isGreaterThanOrEqualTo(Multipart.MIN_PART_BYTES)
          .isLessThanOrEqualTo(ObjectCopies.MAX_COPY_BYTES);
    }
  }

  @Test
  void partsStayAsTheyAreAskedForWhileTheyFit() {
    assertThat(OPTIONS.streamParts(80_000L << 20).partSizeBytes()).isEqualTo(8L << 20);
    assertThat(OPTIONS.streamParts(TIB).partSizeBytes()).isEqualTo(105L << 20);
    assertThat(OPTIONS.streamParts(5 * TIB).partSizeBytes()).isEqualTo(525L << 20);
    assertThat(OPTIONS.copyParts(6L << 30).count()).isEqualTo(12);
  }

  @Test
  void whatCannotBeIsRefusedByName() {
    assertThatThrownBy(() -> OPTIONS.withWorkers(0)).hasMessageContaining("workers");
    assertThatThrownBy(() -> OPTIONS.withWorkers(257)).hasMessageContaining("workers");
    assertThatThrownBy(() -> OPTIONS.withChunkSizeBytes(1 << 20))
        .hasMessageContaining("chunkSizeBytes");
    assertThatThrownBy(() -> OPTIONS.withCopyLimitBytes((5L << 30) + 1))
        .hasMessageContaining("copyLimitBytes");
    assertThatThrownBy(() -> OPTIONS.withBytesPerSecond(-1)).hasMessageContaining("bytesPerSecond");
  }
}
