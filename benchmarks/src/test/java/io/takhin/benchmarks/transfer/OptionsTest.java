package io.takhin.benchmarks.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.benchmarks.transfer.Options.Part;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptionsTest {
  @Test
  void everythingRunsUnlessSaidOtherwise() {
    assertThat(Options.parse(new String[0]).parts()).containsExactly(Part.values());
    assertThat(Options.parse(new String[] {"--quick"}).parts()).doesNotContain(Part.SPARSE);
  }

  @Test
  void partsServerAndFileCanBeChosen() {
    Options options =
        Options.parse(
            new String[] {
              "--only", "sink,memory", "--endpoint", "http://ceph:7480", "--json", "out.json"
            });

    assertThat(options.parts()).containsExactly(Part.SINK, Part.MEMORY);
    assertThat(options.endpoint()).contains(URI.create("http://ceph:7480"));
    assertThat(options.json()).contains(Path.of("out.json"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--fast 1", "--only all", "--rounds", "--sparse-gib many"})
  void whatIsNotUnderstoodIsRefused(String line) {
    assertThatThrownBy(() -> Options.parse(line.split(" ", -1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aToolIsToldWhereAndWhat() {
    Tool s3cmd = Tool.ALL.get(Tool.ALL.size() - 1);

    assertThat(
            s3cmd.command(
                Runner.Direction.DOWNLOAD,
                Path.of("/bin/s3cmd"),
                URI.create("http://127.0.0.1:9000"),
                Map.of("{host}", "127.0.0.1:9000", "{from}", s3cmd.url("b", "p/"))))
        .startsWith("/bin/s3cmd")
        .contains("--host=127.0.0.1:9000", "get", "s3://b/p/", "--no-ssl");
  }
}
