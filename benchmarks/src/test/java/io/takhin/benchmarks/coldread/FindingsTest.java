package io.takhin.benchmarks.coldread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.benchmarks.coldread.Options.Part;
import io.takhin.benchmarks.transfer.Spread;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FindingsTest {
  private static Finding finding(Limit limit) {
    return new Finding("part", "figure", 30, Spread.of(1, 3, 2), "ms", limit);
  }

  private static String text(Limit limit) {
    Findings findings = new Findings();
    findings.addAll(List.of(finding(limit)));
    return findings.text();
  }

  @Test
  void theMedianDecidesWhetherATargetIsMet() {
    assertThat(text(Limit.atMost(2))).contains("met     part, figure, +30 ms: 2.00 ms, wanted ≤ 2");
    assertThat(text(Limit.atMost(1.9))).contains("MISSED  part");
    assertThat(text(Limit.atLeast(2))).contains("met     part");
    assertThat(text(Limit.atLeast(2.1))).contains("MISSED  part");
  }

  @Test
  void aFigureWithoutTargetIsNeitherMetNorMissed() {
    assertThat(text(Limit.NONE))
        .contains("| part | figure | +30 ms | 2.00 ms | 1.00–3.00 |  |  |")
        .doesNotContain("met ")
        .doesNotContain("MISSED");
  }

  @Test
  void programsAreToldTheSame() {
    Findings findings = new Findings();
    findings.addAll(List.of(finding(Limit.atMost(1))));

    assertThat(findings.json())
        .contains("\"min\": 1.0000, \"median\": 2.0000, \"max\": 3.0000")
        .contains("\"delay_ms\": 30")
        .contains("\"met\": false");
  }

  @Test
  void optionsAreRead() {
    Options options =
        Options.parse(new String[] {"--quick", "--only", "random,scan", "--rounds", "7"});

    assertThat(options.parts()).containsExactly(Part.RANDOM, Part.SCAN);
    assertThat(options.rounds()).isEqualTo(7);
    assertThat(options.embedded()).isFalse();
    assertThat(Options.parse(new String[] {"--store", "embedded"}).embedded()).isTrue();
    assertThatThrownBy(() -> Options.parse(new String[] {"--store", "tape"}))
        .hasMessageContaining("--store")
        .hasMessageContaining("tape");
    assertThat(options.segments() * options.segmentBytes()).isEqualTo(256L << 20);
    assertThatThrownBy(() -> Options.parse(new String[] {"--fast", "1"}))
        .hasMessageContaining("--fast");
  }
}
