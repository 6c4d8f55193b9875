package io.takhin.benchmarks.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.benchmarks.transfer.Runner.Direction;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private static final DataSet DATA = new DataSet("1 × 1 GB", Path.of("x"), 1, 1_000_000_000);

  @Test
  void aResultIsSetAgainstTheLimitOfTheSameTask() {
    Report report = new Report();
    report.addAll(
        List.of(
            result(Target.SINK, RawContender.ONE, 1.0, 1.0, 1.0),
            result(Target.SINK, OwnContender.NAME, 1.0, 2.0, 4.0)));

    assertThat(report.text())
        .contains("| sink | 1 × 1 GB | up | takhin | 500 (250–1,000) | 50 % |")
        .contains("MISSED  sink, 1 × 1 GB, up: 50 % of the limit, wanted 80 %")
        .contains("met     sink, 1 × 1 GB, up: 0.50 CPU s/GB, wanted 0.60");
  }

  @Test
  void onAServerEveryPeerIsToBeBeaten() {
    Report report = new Report();
    report.addAll(
        List.of(
            result("server", OwnContender.NAME, 2.0),
            result("server", "slow", 4.0),
            result("server", "fast", 1.0)));

    assertThat(report.text())
        .contains("met     server, 1 × 1 GB, up: 2.00 times slow")
        .contains("MISSED  server, 1 × 1 GB, up: 0.50 times fast");
  }

  @Test
  void aContenderThatCouldNotTakePartHasItsReasonAndNoFigures() {
    Report report = new Report();
    report.addAll(
        List.of(
            new Result("s", Direction.UPLOAD, DATA, "tool", List.of(), "said \"no\"\nand more")));

    assertThat(report.json())
        .contains("\"mb_per_second\": null")
        .contains("\"note\": \"said \\\"no\\\" and more\"");
  }

  /** Uploads that took so many seconds each, and half a second of processor time. */
  private static Result result(String server, String contender, double... seconds) {
    List<Sample> samples =
        Arrays.stream(seconds)
            .mapToObj(s -> new Sample((long) (s * 1e9), (long) (s * 1e9), 500_000_000, 1 << 20))
            .toList();
    return new Result(server, Direction.UPLOAD, DATA, contender, samples, "");
  }
}
