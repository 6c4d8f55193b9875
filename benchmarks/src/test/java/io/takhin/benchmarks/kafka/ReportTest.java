package io.takhin.benchmarks.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.benchmarks.kafka.Series.Work;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private static final Series COLD = new Series(Work.COLD_READ, 1, 50, Contender.TAKHIN);

  private final Report report = new Report();

  private void add(Series series, double... megabytesPerSecond) {
    for (double rate : megabytesPerSecond) {
      report.add(series, new Sample(rate, 2, 100, 1, 500));
    }
  }

  @Test
  void pluginsAreComparedWithEachOtherAndWithTheDisk() {
    add(new Series(Work.LOCAL_READ, 1, -1, Trial.LOCAL), 200, 100, 150);
    add(COLD, 60, 90, 75);
    add(COLD.of(Contender.WHOLE_OBJECTS), 10, 10, 15);

    assertThat(report.text())
        .contains("| cold read | 1 | +50 ms | takhin | 75.0 (60.0–90.0) | 6.0 × | 50 % | 2.00 |")
        .contains("| cold read | 1 | +50 ms | whole-objects | 10.0 (10.0–15.0) |  | 7 % |")
        .contains("met     cold read, 1 partition, +50 ms: 75.0 MB/s, wanted ≥ 60");
  }

  @Test
  void theMedianDecidesWhetherTheTargetIsMissed() {
    add(COLD, 59, 59, 90);

    assertThat(report.text()).contains("MISSED  cold read");
    assertThat(report.json()).contains("\"delay_ms\": 50").contains("\"mb_per_s\": 90.000");
  }

  @Test
  void optionsAreRead() {
    Options options =
        Options.parse(
            new String[] {"--quick", "--only", "4", "--release", "3.9.2", "--delays", "50"});

    assertThat(options.partitions()).containsExactly(4);
    assertThat(options.delaysMillis()).containsExactly(50L);
    assertThat(options.release()).isEqualTo("3.9");
    assertThat(options.totalBytes()).isEqualTo(256L << 20);
    assertThatThrownBy(() -> Options.parse(new String[] {"--plugins", "other"}))
        .hasMessageContaining("other");
  }
}
