package io.takhin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigExceptionTest {

  @TempDir Path dir;

  private static List<String> problemsOf(String yaml) {
    return problemsOf(yaml, Map.of());
  }

  private static List<String> problemsOf(String yaml, Map<String, String> environment) {
    ConfigException exception =
        catchThrowableOfType(ConfigException.class, () -> TakhinConfig.parse(yaml, environment));
    assertThat(exception).as("accepted: %s %s", yaml, environment).isNotNull();
    assertThat(exception.problems()).isNotEmpty();
    return exception.problems().stream().map(ConfigProblem::toString).toList();
  }

  private static String messageFor(Path file) {
    ConfigException exception =
        catchThrowableOfType(ConfigException.class, () -> TakhinConfig.load(file, Map.of()));
    return String.valueOf(exception.getMessage());
  }

  @Test
  void everyProblemOfEverySourceIsReportedAtOnce() throws IOException {
    // Given
    Path file = dir.resolve("takhin.yaml");
    Files.writeString(
        file,
        """
        broker:
          prot: 9092
          port: 99999
        storage:
          tiered:
            warm.age.hours: 200
            s3.bucket: My_Bucket
        """);
    Map<String, String> environment = Map.of("TAKHIN_CONSOLE_PROT", "1");
    Map<String, String> overrides = Map.of("broker.num.partitions", "0");

    // When
    ConfigException exception =
        catchThrowableOfType(
            ConfigException.class, () -> TakhinConfig.load(file, environment, overrides));

    // Then
    assertThat(exception.problems()).hasSize(6);
    assertThat(String.valueOf(exception.getMessage()).lines())
        .satisfiesExactly(
            line ->
                assertThat(line).isEqualTo("the configuration cannot be used, problems found: 6"),
            line ->
                assertThat(line)
                    .isEqualTo("  %s:2: broker.prot: unknown key; did you mean broker.port?", file),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  %s:3: broker.port: expected a port from 0 to 65535, got \"99999\"",
                        file),
            line ->
                assertThat(line)
                    .startsWith(
                        "  %s:7: storage.tiered.s3.bucket: expected an S3 bucket name"
                            .formatted(file))
                    .endsWith("got \"My_Bucket\""),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  environment: TAKHIN_CONSOLE_PROT: unknown variable; did you mean"
                            + " TAKHIN_CONSOLE_PORT?"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  override: broker.num.partitions: expected a whole number from 1 to"
                            + " 10000, got \"0\""),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  %s:6: storage.tiered.warm.age.hours: expected at most"
                            + " storage.tiered.cold.age.hours = 168 (default), got \"200\"",
                        file));
  }

  @ParameterizedTest
  @CsvSource({
    "storage.tiered.cold_age_hours, storage.tiered.cold.age.hours",
    "storage.tiered.coldAgeHours, storage.tiered.cold.age.hours",
    "cold.age.hours, storage.tiered.cold.age.hours",
    "storage.tired.s3.bucket, storage.tiered.s3.bucket",
    "s3.embeded.dir, s3.embedded.dir",
    "Broker.Port, broker.port"
  })
  void unknownKeyIsAnsweredWithTheNearestOnes(String unknown, String meant) {
    // When
    List<String> problems = problemsOf(unknown + ": 1");

    // Then
    assertThat(problems)
        .containsExactly("yaml:1: %s: unknown key; did you mean %s?".formatted(unknown, meant));
  }

  @Test
  void unknownKeyLikeNoOtherGetsNoSuggestion() {
    // When
    List<String> problems = problemsOf("zookeeper.quorum.timeout: 1");

    // Then
    assertThat(problems).containsExactly("yaml:1: zookeeper.quorum.timeout: unknown key");
  }

  @Test
  void unknownSectionIsReportedOnceAndNotKeyByKey() {
    // When
    List<String> problems = problemsOf("storage:\n  teired:\n    enabled: true\n    x: 1\n");

    // Then
    assertThat(problems)
        .containsExactly("yaml:2: storage.teired: unknown section; did you mean storage.tiered?");
  }

  @Test
  void credentialsAreRefusedWithoutBeingShown() {
    // When
    List<String> problems =
        problemsOf(
            "storage.tiered.s3:\n  secret.key: hunter2\n  endpoint: http://me:hunter2@localhost\n");

    // Then
    assertThat(problems).hasSize(2).noneMatch(problem -> problem.contains("hunter2"));
    assertThat(problems.get(0)).contains("AWS default chain");
    assertThat(problems.get(1)).contains("http://***@localhost");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "broker.port: 1\nbroker.port: 2",
        "broker:\n  port: 1\nbroker.port: 2",
        "broker:\n  port: 1\n  port: 1",
        "s3.embedded.dir: a\nstorage.tiered.s3.embedded.dir: b",
        "broker.port: 1\nbroker:\n  port: [2]"
      })
  void keyGivenTwiceIsReported(String yaml) {
    // When
    List<String> problems = problemsOf(yaml);

    // Then
    assertThat(problems).singleElement().asString().contains("given twice; first at yaml:");
  }

  @Test
  void sectionGivenTwiceIsReported() {
    // When
    List<String> problems = problemsOf("broker:\n  port: 1\nbroker:\n  host: localhost\n");

    // Then
    assertThat(problems).containsExactly("yaml:3: broker: section given twice; first at yaml:1");
  }

  @Test
  void bothNamesOfAKeyInTheEnvironmentAreReported() {
    // When
    List<String> problems =
        problemsOf(
            "",
            Map.of("TAKHIN_S3_EMBEDDED_DIR", "a", "TAKHIN_STORAGE_TIERED_S3_EMBEDDED_DIR", "b"));

    // Then
    assertThat(problems)
        .containsExactly(
            "environment: TAKHIN_STORAGE_TIERED_S3_EMBEDDED_DIR: given twice; first at environment"
                + " as TAKHIN_S3_EMBEDDED_DIR");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "broker.port: many | expected a port from 0 to 65535, got \"many\"",
        "broker.port: | expected a port from 0 to 65535, got \"\"",
        "broker.port: 90.92 | got \"90.92\"",
        "broker.port: 010 | got \"010\"",
        "broker.port: 0x10 | got \"0x10\"",
        "broker.port: [1, 2] | got a list",
        "broker.port: {a: 1} | got a section",
        "broker.port: !!java.net.URL x | not valid YAML: Global tag is not allowed",
        "broker.port: !local x | got the tag !local",
        "console.enabled: yes | expected true or false, got \"yes\"",
        "storage.tiered.cold.age.hours: -1 | expected hours from 0 to 876000",
        "storage.tiered.cold.age.hours: 1e9 | got \"1e9\"",
        "storage.tiered.cold.age.hours: .inf | got \".inf\"",
        "storage.tiered.transfer.part.size.mb: 4 | expected a number of MiB from 5 to 1024",
        "storage.log.segment.bytes: 1023 | expected a number of bytes from 16384",
        "storage.log.segment.bytes: 99999999999999999999 | got \"99999999999999999999\"",
        "storage.data.dir: ~ | got \"\"",
        "storage.data.dir: ~/data | without ~, got \"~/data\"",
        "storage.tiered.s3.path.style: maybe | expected one of auto, false, true",
        "storage.tiered: 5 | expected keys below it, such as storage.tiered.",
        "storage: [] | got a list",
        "[] | expected keys at the top level, got a list",
        "just text | expected keys at the top level, got a value",
        "!!javax.script.ScriptEngineManager {} | not valid YAML: Global tag is not allowed",
        "!!set {} | expected keys at the top level, got the tag tag:yaml.org,2002:set",
        "? [a, b] : c | expected a name before the colon",
      })
  void valueThatDoesNotFitIsReportedWithWhatIsExpected(String yaml, String detail) {
    // When
    List<String> problems = problemsOf(yaml);

    // Then
    assertThat(problems).singleElement().asString().startsWith("yaml:1: ").contains(detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{broker.host: 0.0.0.0} | broker.advertised.host: expected a host that clients can connect",
        "{broker.host: '::'} | stands for every interface",
        "{broker.port: 7, console.port: 7} | console.port: expected another port than broker.port = 7",
        "{broker.port: 7, console.port: 7, console.host: localhost} | console.port: expected another",
        "{storage.tiered: {enabled: true, s3: {endpoint: embedded, embedded.port: 8080}}} | embedded.port: expected another port than console.port",
        "{storage.tiered: {warm.age.hours: 2, cold.age.hours: 1.5}} | cold.age.hours = 1.5 (yaml:1)",
        "{storage.tiered.disk.low.percent: 90} | disk.low.percent: expected less than storage.tiered.disk.high.percent = 90",
        "{storage.tiered.disk.full.percent: 85} | disk.high.percent: expected less than storage.tiered.disk.full.percent = 85",
      })
  void valuesThatContradictEachOtherAreReported(String yaml, String detail) {
    // When
    List<String> problems = problemsOf(yaml);

    // Then
    assertThat(problems).singleElement().asString().contains(detail);
  }

  @Test
  void rejectedValueIsNotComparedWithOthers() {
    // When
    List<String> problems =
        problemsOf("storage.tiered: {warm.age.hours: 200, cold.age.hours: week}");

    // Then
    assertThat(problems).singleElement().asString().contains("got \"week\"");
  }

  @Test
  void longValueIsCutAndControlCharactersAreReplaced() {
    // When
    List<String> problems = problemsOf("", Map.of("TAKHIN_BROKER_PORT", "a\n".repeat(500)));

    // Then
    assertThat(problems)
        .singleElement()
        .asString()
        .contains("a?a?")
        .endsWith("(1000 characters)")
        .hasSizeLessThan(300);
  }

  @Test
  void aliasesOfSectionsAreRefusedSoThatTheyCannotMultiply() {
    // Given
    String yaml = "broker: &a {port: 1}\nconsole: *a\nstorage: &self {tiered: *self}\n";

    // When
    List<String> problems = problemsOf(yaml);

    // Then
    assertThat(problems)
        .hasSize(2)
        .allMatch(problem -> problem.contains("aliases of sections are not supported"));
  }

  @Test
  void manyAliasesAreRefused() {
    // Given
    StringBuilder bomb = new StringBuilder("x0: &a0 {y: 1}\n");
    for (int level = 1; level < 100; level++) {
      bomb.append("x%d: &a%d {y: *a%d, z: *a%d}\n".formatted(level, level, level - 1, level - 1));
    }

    // When
    List<String> problems = problemsOf(bomb.toString());

    // Then
    assertThat(problems).singleElement().asString().contains("not valid YAML: Number of aliases");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TAKHIN_BROKER_PORT | tcp://10.0.0.1:9092",
        "TAKHIN_SERVICE_HOST | 10.0.0.1",
        "TAKHIN_PORT_9092_TCP_ADDR | 10.0.0.1",
        "TAKHIN_BROKER_SERVICE_PORT_KAFKA | 9092"
      })
  void variableSetByKubernetesIsNamedAsSuch(String variable, String value) {
    // When
    List<String> problems = problemsOf("", Map.of(variable, value));

    // Then
    assertThat(problems).singleElement().asString().contains(variable, "enableServiceLinks");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"broker: [1", "broker:\n\tport: 1", "a: b: c", "a: 1\n---\nb: 2", "\u0001"})
  void malformedYamlIsReportedBesideTheProblemsOfOtherSources(String yaml) {
    // When
    List<String> problems = problemsOf(yaml, Map.of("TAKHIN_BROKER_PORT", "x"));

    // Then
    assertThat(problems).hasSize(2);
    assertThat(problems.get(0)).startsWith("yaml").contains("not valid YAML");
    assertThat(problems.get(1)).contains("TAKHIN_BROKER_PORT");
  }

  @Test
  void malformedYamlIsReportedWithoutQuotingTheFile() {
    // When
    List<String> problems = problemsOf("# fine\npassword: hunter2\n  broken: [");

    // Then
    assertThat(problems)
        .singleElement()
        .asString()
        .startsWith("yaml:3: ")
        .doesNotContain("hunter2");
  }

  @Test
  void deepNestingIsRefused() {
    // When
    List<String> problems = problemsOf("[".repeat(10_000));

    // Then
    assertThat(problems).singleElement().asString().contains("not valid YAML");
  }

  @Test
  void fileThatIsMissingIsNamed() {
    // Given
    Path file = dir.resolve("absent.yaml");

    // When
    String message = messageFor(file);

    // Then
    assertThat(message).contains(file + ": no such file");
  }

  @Test
  void directoryInPlaceOfTheFileIsNamed() {
    // When
    String message = messageFor(dir);

    // Then
    assertThat(message).contains(dir + ": a directory; expected a YAML file");
  }

  @Test
  void fileThatMayNotBeReadIsNamed() throws IOException {
    // Given
    Path file = Files.createFile(dir.resolve("secret.yaml"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "this user reads every file");

    // When
    String message = messageFor(file);

    // Then
    assertThat(message).contains(file + ": no permission to read it");
  }

  @Test
  void fileThatIsNotTextIsNamed() throws IOException {
    // Given
    Path file = Files.write(dir.resolve("binary.yaml"), new byte[] {(byte) 0xC3, 0x28});

    // When
    String message = messageFor(file);

    // Then
    assertThat(message).contains(file + ": not a text in UTF-8");
  }

  @Test
  void hugeFileIsNotReadToItsEnd() throws IOException {
    // Given
    Path file = dir.resolve("huge.yaml");
    Files.writeString(file, "#".repeat((1 << 20) + 1), StandardCharsets.UTF_8);

    // When
    String message = messageFor(file);

    // Then
    assertThat(message).contains(file + ": larger than 1048576 bytes");
  }
}
