package io.takhin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TakhinConfigTest {

  @TempDir Path dir;

  @Test
  void defaultsAreThoseOfTheContract() {
    // When
    TakhinConfig config = TakhinConfig.defaults();

    // Then
    assertThat(config.broker())
        .isEqualTo(
            new BrokerConfig(
                "127.0.0.1",
                9092,
                "127.0.0.1",
                new TopicDefaults(true, 1),
                1000,
                104_857_600,
                Duration.ofSeconds(30)));
    assertThat(config.console()).isEqualTo(new ConsoleConfig(true, "127.0.0.1", 8080, 65_536));
    assertThat(config.storage())
        .isEqualTo(
            new StorageConfig(
                Path.of("./data"),
                new LogConfig(1_073_741_824, Optional.empty(), -1),
                new TieredConfig(
                    false,
                    new ArchiveConfig(
                        true,
                        Duration.ofHours(1),
                        Duration.ofDays(3),
                        Duration.ofDays(7),
                        Duration.ZERO,
                        2,
                        5),
                    new RestoreConfig(10_240L << 20, Duration.ofSeconds(20), 2),
                    new ReadConfig(ReadMode.AUTO, 16, 128L << 20, 3, 80),
                    new TransferConfig(16L << 20, 16, 0, 0),
                    new DiskConfig(OutagePolicy.HOLD, 80, 90, 97),
                    new SweepConfig(Duration.ofHours(24), Duration.ofHours(24)),
                    new VerifyConfig(Duration.ofDays(7), 50_000, 20_480L << 20, 1),
                    new S3Config(
                        "takhin",
                        "us-east-1",
                        "segments",
                        new S3Endpoint.Aws(),
                        false,
                        Duration.ofSeconds(30),
                        3,
                        new S3ObjectsConfig(
                            Optional.empty(), ServerEncryption.BUCKET, Optional.empty())),
                    Duration.ZERO)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "storage.tiered.cold.age.hours: 100",
        "storage:\n  tiered:\n    cold:\n      age:\n        hours: 100",
        "storage:\n  tiered.cold.age:\n    hours: 100",
        "storage.tiered:\n  cold.age.hours: 100",
        "{storage: {tiered: {cold.age.hours: '100'}}}",
        "storage:\n  data.dir: ./data\nstorage.tiered:\n  cold.age.hours: 100"
      })
  void dottedAndNestedSpellingMeanTheSameKey(String yaml) {
    // When
    TakhinConfig config = TakhinConfig.parse(yaml, Map.of());

    // Then
    assertThat(config.storage().tiered().archive().coldAge()).isEqualTo(Duration.ofHours(100));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing\n", "---\n", "storage:\nbroker:\n", "\uFEFF", "{}"})
  void documentWithoutValuesMeansTheDefaults(String yaml) {
    // When
    TakhinConfig config = TakhinConfig.parse(yaml, Map.of());

    // Then
    assertThat(config).isEqualTo(TakhinConfig.defaults());
  }

  @ParameterizedTest
  @CsvSource({"0.5, PT30M", "0.0002777778, PT1.00000008S", "168, PT168H", "72.25, PT72H15M"})
  void agesTakeDecimals(String hours, Duration expected) {
    // When
    TakhinConfig config = TakhinConfig.parse("storage.tiered.warm.age.hours: 0", coldAge(hours));

    // Then
    assertThat(config.storage().tiered().archive().coldAge()).isEqualTo(expected);
  }

  private static Map<String, String> coldAge(String hours) {
    return Map.of("TAKHIN_STORAGE_TIERED_COLD_AGE_HOURS", hours);
  }

  @Test
  void environmentWinsOverFileAndOverridesWinOverBoth() throws IOException {
    // Given
    Path file = dir.resolve("takhin.yaml");
    Files.writeString(file, "broker: {port: 1, num.partitions: 2}\nconsole.port: 3\n");
    Map<String, String> environment =
        Map.of("TAKHIN_BROKER_PORT", "11", "TAKHIN_CONSOLE_PORT", "13", "PATH", "/bin");

    // When
    TakhinConfig config = TakhinConfig.load(file, environment, Map.of("console.port", "23"));

    // Then
    assertThat(config.broker().topics().numPartitions()).isEqualTo(2);
    assertThat(config.broker().port()).isEqualTo(11);
    assertThat(config.console().port()).isEqualTo(23);
  }

  @Test
  void withoutFileTheOverridesStillCount() {
    // When
    TakhinConfig config = TakhinConfig.load(null, Map.of(), Map.of("broker.port", "0"));

    // Then
    assertThat(config.broker().port()).isZero();
  }

  @Test
  void launcherVariablesAreLeftAlone() {
    // Given
    Map<String, String> environment =
        Map.of(
            "TAKHIN_JAVA_OPTS",
            "-Xmx1g",
            "TAKHIN_HOME",
            "/opt",
            "TAKHIN_LOG_DIR",
            "/var/log",
            "TAKHIN_LOG_LEVEL",
            "DEBUG");

    // When
    TakhinConfig config = TakhinConfig.parse("", environment);

    // Then
    assertThat(config).isEqualTo(TakhinConfig.defaults());
  }

  @Test
  void emptyVariableEmptiesAKeyThatMayBeEmpty() {
    // When
    TakhinConfig config =
        TakhinConfig.parse(
            "storage.tiered.s3.endpoint: http://localhost:9000",
            Map.of("TAKHIN_STORAGE_TIERED_S3_ENDPOINT", ""));

    // Then
    assertThat(config.storage().tiered().s3().endpoint()).isEqualTo(new S3Endpoint.Aws());
  }

  @Test
  void embeddedServerKeepsItsFilesBelowTheDataDirectory() {
    // When
    S3Config s3 = s3("storage: {data.dir: /srv/takhin, tiered.s3.endpoint: embedded}");

    // Then
    assertThat(s3.endpoint()).isEqualTo(new S3Endpoint.Embedded(Path.of("/srv/takhin/.s3"), 0));
    assertThat(s3.pathStyle()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3.embedded.dir", "storage.tiered.s3.embedded.dir"})
  void embeddedDirectoryHasTwoNames(String name) {
    // When
    S3Config s3 = s3("storage.tiered.s3.endpoint: embedded\n" + name + ": /srv/s3");

    // Then
    assertThat(s3.endpoint()).isEqualTo(new S3Endpoint.Embedded(Path.of("/srv/s3"), 0));
  }

  @ParameterizedTest
  @CsvSource({
    "'', auto, false",
    "'', true, true",
    "http://localhost:9000, auto, true",
    "https://s3.example.org, false, false"
  })
  void pathStyleFollowsTheEndpointUnlessItIsSet(String endpoint, String style, boolean expected) {
    // When
    S3Config s3 =
        s3("storage.tiered.s3: {endpoint: \"%s\", path.style: %s}".formatted(endpoint, style));

    // Then
    assertThat(s3.pathStyle()).isEqualTo(expected);
    assertThat(s3.endpoint())
        .isEqualTo(
            endpoint.isEmpty()
                ? new S3Endpoint.Aws()
                : new S3Endpoint.Server(URI.create(endpoint)));
  }

  @Test
  void objectsAreKeptAsIsSaid() {
    // When
    S3Config s3 =
        s3(
            """
            storage.tiered.s3:
              storage.class: GLACIER_IR
              sse.type: kms
              sse.kms.key.id: alias/takhin
            """);

    // Then
    assertThat(s3.objects())
        .isEqualTo(
            new S3ObjectsConfig(
                Optional.of(StorageClass.GLACIER_IR),
                ServerEncryption.KMS,
                Optional.of("alias/takhin")));
  }

  @ParameterizedTest
  @CsvSource({
    "storage.class: DEEP_ARCHIVE, a storage class that can be read at once: STANDARD",
    "sse.type: aes, 'one of bucket, kms, s3'",
    "sse.kms.key.id: alias/takhin, 'expected nothing, or kms for storage.tiered.s3.sse.type = bucket'"
  })
  void objectsThatCannotBeKeptSoAreRefused(String line, String expected) {
    // When, Then
    assertThatThrownBy(() -> s3("storage.tiered.s3:\n  " + line))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(expected);
  }

  private static S3Config s3(String yaml) {
    return TakhinConfig.parse(yaml, Map.of()).storage().tiered().s3();
  }

  @Test
  void clientsAreToldTheAdvertisedHost() {
    // When
    BrokerConfig broker =
        TakhinConfig.parse("broker: {host: 0.0.0.0, advertised.host: kafka.example.org}", Map.of())
            .broker();

    // Then
    assertThat(broker.host()).isEqualTo("0.0.0.0");
    assertThat(broker.advertisedHost()).isEqualTo("kafka.example.org");
  }

  @Test
  void portsMayBeEqualWhenTheyAreFreeOnesOrOnDifferentAddresses() {
    // When
    TakhinConfig free = TakhinConfig.parse("{broker.port: 0, console.port: 0}", Map.of());
    TakhinConfig apart =
        TakhinConfig.parse("{broker.port: 7, console.port: 7, console.host: 192.0.2.1}", Map.of());
    TakhinConfig off =
        TakhinConfig.parse("{broker.port: 7, console.port: 7, console.enabled: false}", Map.of());

    // Then
    assertThat(free.console().port()).isZero();
    assertThat(apart.console().port()).isEqualTo(off.console().port());
  }
}
