package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.ObjectStore.Multipart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PartPlanTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long TIB = 1L << 40;

  @ParameterizedTest
  @CsvSource({
    "0, 16, 1",
    "1, 16, 1",
    "16777216, 16, 1",
    "16777217, 16, 2",
    "1073741824, 16, 64",
    "167772160000, 16, 10000",
    "167772160001, 17, 9412",
  })
  void partsAreOfTheWantedSizeUntilThereWouldBeTooMany(
      long sizeBytes, long partSizeMib, int count) {
    PartPlan plan = PartPlan.forUpload(sizeBytes, 16 * MIB);

    assertThat(plan.partSizeBytes()).isEqualTo(partSizeMib * MIB);
    assertThat(plan.count()).isEqualTo(count);
  }

  @Test
  void fileOfOneTebibyteFits() {
    PartPlan plan = PartPlan.forUpload(TIB, 16 * MIB);

    assertThat(plan.partSizeBytes()).isEqualTo(105 * MIB);
    assertThat(plan.count()).isEqualTo(9987);
    assertCovers(plan);
  }

  @Test
  void fileOfFiveTebibytesFits() {
    PartPlan plan = PartPlan.forUpload(5 * TIB, 16 * MIB);

    assertThat(plan.partSizeBytes()).isEqualTo(525 * MIB);
    assertThat(plan.count()).isEqualTo(9987);
    assertCovers(plan);
  }

  private static void assertCovers(PartPlan plan) {
    assertThat(plan.count()).isLessThanOrEqualTo(Multipart.MAX_PARTS);
    long endBytes = 0;
    for (int index = 0; index < plan.count(); index++) {
      assertThat(plan.startBytes(index)).isEqualTo(endBytes);
      assertThat(plan.lengthBytes(index)).isPositive();
      endBytes += plan.lengthBytes(index);
    }
    assertThat(endBytes).isEqualTo(plan.sizeBytes());
  }

  @Test
  void sizesThatNoStoreTakesAreRefused() {
    assertThatThrownBy(() -> PartPlan.forUpload(-1, MIB)).hasMessageContaining("got -1");
    assertThatThrownBy(() -> PartPlan.forUpload(50_000 * GIB + 1, MIB))
        .hasMessageContaining("expected 0 to " + 50_000 * GIB);
  }
}
