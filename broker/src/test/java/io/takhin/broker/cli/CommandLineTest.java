package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.testkit.QuietPorts;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says and how it exits where no broker is needed. */
final class CommandLineTest {
  private static final String SEGMENT = "orders-0/00000000000000000000.log";

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start",
        "demo",
        "stats",
        "segments",
        "archive",
        "restore",
        "transfers",
        "limits",
        "quarantine",
        "writer",
        "disk",
        "holds",
        "undelete",
        "health",
        "transfer",
        "sweep",
        "verify",
        "rebuild",
        "help"
      })
  void everyCommandIsListedAndTellsHowItIsUsed(String command) {
    Run help = Run.of("help", command);

    assertThat(Run.of("--help").out()).contains("  " + command);
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("Usage: takhin " + command);
    if (!command.equals("help")) {
      assertThat(Run.of(command, "--help")).isEqualTo(help);
    }
  }

  @Test
  void theHelpListsEveryExitCode() {
    String help = Run.of("--help").out();

    for (ExitCode code : ExitCode.values()) {
      assertThat(help).containsPattern(code.status() + " +" + code.meaning().substring(0, 7));
    }
  }

  @Test
  void theVersionIsOneLine() {
    Run run = Run.of("--version");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines()).singleElement().asString().startsWith("takhin ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''",
        "fly",
        "start --set broker.port",
        "start --no-such-option",
        "stats --url not-a-url",
        "stats --url http://",
        "stats --timeout 0",
        "stats --timeout soon",
        "segments --limit many",
        "transfers --watch --cancel 1",
        "transfers --cancel all",
        "limits --upload fast",
        "limits --download 10parsecs",
        "quarantine retry",
        "quarantine retry a --all",
        "quarantine forget",
        "writer give-back",
        "archive",
        "restore a b",
        "demo --mb 0",
        "rebuild --parallelism 0",
        "sweep now",
        "transfer s3://a",
        "transfer s3://a /tmp/b",
        "transfer s3://a s3://a/b",
        "transfer s3://a//b s3://c",
        "transfer s3://a s3://b --workers 0",
        "transfer s3://a s3://b --chunk-size 1MiB",
        "transfer s3://a s3://b --chunk-size much",
        "transfer s3://a s3://b --mode fly",
        "transfer s3://a s3://b --endpoint ftp://x",
        "transfer s3://a s3://b --mode direct --target-endpoint http://127.0.0.1:1",
      })
  void aWrongCommandLineExitsWith2AndSaysWhatIsWrong(String line) {
    Run run = Run.of(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(run.exitCode()).describedAs(run.err()).isEqualTo(ExitCode.USAGE.status());
    assertThat(run.err()).startsWith("takhin: ").doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stats",
        "sweep --dry-run",
        "segments",
        "archive " + SEGMENT,
        "restore " + SEGMENT,
        "transfers",
        "transfers --watch",
        "transfers --cancel 1",
        "limits",
        "limits --upload 1MiB/s",
        "quarantine",
        "quarantine list",
        "quarantine retry --all",
        "quarantine retry " + SEGMENT,
        "writer",
        "writer take-over",
        "health"
      })
  void anAddressAtWhichNobodyAnswersExitsWith5AndNamesIt(String command) throws Exception {
    String url = "http://127.0.0.1:" + QuietPorts.take();

    Run run = Run.of((command + " --url " + url).split(" "));

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE.status());
    assertThat(run.err()).contains(url, "is the broker running?").doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aConfigurationThatCannotBeUsedExitsWith3AndNamesEveryProblem() throws Exception {
    Path file = dir.resolve("takhin.yaml");
    Files.writeString(file, "brokr.port: 1\nstorage:\n  data.dirr: x\n");

    Run run = Run.of("start", "--config", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIG.status());
    assertThat(run.err()).contains("takhin.yaml:1", "brokr.port", "did you mean broker.port?");
    assertThat(run.err()).contains("takhin.yaml:3", "did you mean storage.data.dir?");
  }

  @ParameterizedTest
  @CsvSource({
    "'storage: [a\n b: }', not valid YAML",
    "'broker.port: 99999', expected a port from 0 to 65535",
  })
  void aFileThatIsNoConfigurationExitsWith3(String text, String why) throws Exception {
    Path file = dir.resolve("takhin.yaml");
    Files.writeString(file, text);

    Run run = Run.of("start", "--config", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIG.status());
    assertThat(run.err()).contains(file.toString(), why);
  }

  @Test
  void aConfigurationThatIsNotThereExitsWith3() {
    Path file = dir.resolve("none.yaml");

    Run run = Run.of("start", "--config", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIG.status());
    assertThat(run.err()).contains(file + ": no such file");
  }

  @Test
  void aPortInUseExitsWith4AndNamesAddressAndKeyForBrokerConsoleAndEmbeddedServer()
      throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      for (String key : List.of("broker.port", "console.port")) {
        Run run = start(key + "=" + port);

        assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_START.status());
        assertThat(run.err())
            .contains("127.0.0.1:" + port, key, "Address already in use")
            .doesNotContain("\tat ");
      }
    }
  }

  @Test
  void aHostThatIsNoneOfThisMachineExitsWith4() {
    for (String key : List.of("broker.host", "console.host")) {
      Run run = start(key + "=no-such-host.invalid");

      assertThat(run.exitCode()).describedAs(run.err()).isEqualTo(ExitCode.CANNOT_START.status());
      assertThat(run.err()).contains("no-such-host.invalid", key, "unknown host");
    }
  }

  @Test
  void aDataDirectoryThatIsAFileOrBelowOneExitsWith4AndSaysSo() throws Exception {
    Path file = Files.createFile(dir.resolve("file"));
    for (Path data : List.of(file, file.resolve("below"), Path.of("/proc/takhin"))) {
      Run run = start("storage.data.dir=" + data);

      assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_START.status());
      assertThat(run.err())
          .contains("storage.data.dir " + data + " cannot be used: ", "expected a directory");
    }
    assertThat(start("storage.data.dir=" + file).err()).contains("it is a file");
  }

  @Test
  void theDemoRefusesADirectoryThatHoldsSomethingAndATextThatIsNotThere() throws Exception {
    Files.createFile(dir.resolve("precious"));
    Run used = Run.of("demo", "--dir", dir.toString());
    Run noText = Run.of("demo", "--dir", dir.resolve("new").toString(), "--file", "none.txt");

    assertThat(used.exitCode()).isEqualTo(ExitCode.USAGE.status());
    assertThat(used.err()).contains("expected an empty or new directory, got " + dir);
    assertThat(noText.exitCode()).isEqualTo(ExitCode.USAGE.status());
    assertThat(noText.err()).contains("--file", "none.txt");
  }

  /** A start that has to fail. */
  private Run start(String setting) {
    return Run.of(
        "start",
        "--set",
        "broker.port=0",
        "--set",
        "console.port=0",
        "--set",
        "storage.data.dir=" + dir.resolve("data"),
        "--set",
        setting);
  }
}
