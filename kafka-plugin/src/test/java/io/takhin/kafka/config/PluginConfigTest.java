package io.takhin.kafka.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.s3.S3Keeping;
import io.takhin.tiered.store.s3.S3StorageClass;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginConfigTest {
  private static final Map<String, Object> LEAST =
      Map.of("data.dir", "/data", "s3.bucket", "my-bucket", "broker.id", 7);

  @Test
  void twoKeysAreEnough() {
    PluginConfig config = PluginConfig.of(LEAST);

    assertThat(config.dataDir()).isEqualTo(Path.of("/data/broker-7"));
    assertThat(config.brokerId()).isEqualTo(7);
    assertThat(config.prefix()).isEqualTo("kafka");
    assertThat(config.s3().bucket()).isEqualTo("my-bucket");
    assertThat(config.s3().endpoint()).isEmpty();
    assertThat(config.s3().keys()).isEmpty();
    assertThat(config.console()).isEmpty();
    assertThat(config.copying().timeout()).isEqualTo(Duration.ofHours(1));
    assertThat(config.fetching().chunkDir()).isEqualTo(Path.of("/data/broker-7/chunks"));
  }

  @Test
  void whatIsGivenHolds() {
    PluginConfig config =
        PluginConfig.of(
            with(
                Map.of(
                    "s3.endpoint", "http://localhost:9000",
                    "s3.path.style", "false",
                    "s3.access.key.id", "id",
                    "s3.secret.access.key", "top-secret",
                    "key.prefix", "a/b",
                    "transfer.parallelism", "3",
                    "copy.timeout.ms", "5000",
                    "fetch.read.ahead.bytes", "0")));

    assertThat(config.s3().endpoint()).contains(URI.create("http://localhost:9000"));
    assertThat(config.s3().pathStyle()).contains(false);
    assertThat(config.s3().keys().orElseThrow().secretAccessKey()).isEqualTo("top-secret");
    assertThat(config.toString()).doesNotContain("top-secret");
    assertThat(config.prefix()).isEqualTo("a/b");
    assertThat(config.transfer().parallelism()).isEqualTo(3);
    assertThat(config.copying().timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.fetching().readAheadBytes()).isZero();
  }

  @Test
  void aConsoleIsOnLoopbackUnlessToldOtherwise() {
    assertThat(PluginConfig.of(with(Map.of("console.enabled", "true"))).console())
        .contains(new PluginConfig.Console("127.0.0.1", 8080));
    assertThat(
            PluginConfig.of(
                    with(
                        Map.of(
                            "console.enabled", "true",
                            "console.host", "0.0.0.0",
                            "console.port", "0")))
                .console())
        .contains(new PluginConfig.Console("0.0.0.0", 0));
  }

  @Test
  void allProblemsAreToldAtOnceAndNoSecret() {
    assertThatThrownBy(
            () ->
                PluginConfig.of(
                    Map.of(
                        "broker.id", 1,
                        "s3.bucket", "Not A Bucket",
                        "s3.endpoint", "http://user:hunter2@localhost:9000",
                        "s3.secret.access.key", "top-secret",
                        "key.prefix", "/x",
                        "copy.timeout", "1",
                        "transfer.parallelism", "many",
                        "fetch.parallelism", "0")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("problems found: 8")
        .hasMessageContaining("data.dir")
        .hasMessageContaining("Not A Bucket")
        .hasMessageContaining("expected empty, or an http or https URL")
        .hasMessageContaining("expected both or none")
        .hasMessageContaining("expected folders separated by single slashes")
        .hasMessageContaining("Unknown configuration \"copy.timeout\"; known are [copy.index")
        .hasMessageContaining("Invalid value many for configuration transfer.parallelism")
        .hasMessageContaining("fetch.parallelism")
        .hasMessageNotContaining("top-secret")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void objectsAreKeptAsIsSaid() {
    S3Keeping keeping =
        PluginConfig.of(
                with(
                    Map.of(
                        "s3.storage.class", "ONEZONE_IA",
                        "s3.sse.type", "kms",
                        "s3.sse.kms.key.id", "alias/takhin")))
            .s3()
            .keeping();

    assertThat(keeping)
        .isEqualTo(
            new S3Keeping(
                Optional.of(S3StorageClass.ONEZONE_IA),
                Optional.of(new S3Keeping.Encryption.WithKmsKey(Optional.of("alias/takhin")))));
    assertThat(PluginConfig.of(LEAST).s3().keeping()).isEqualTo(S3Keeping.AS_THE_BUCKET_DOES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GLACIER", "DEEP_ARCHIVE", "standard"})
  void classesThatCannotBeReadAtOnceAreRefused(String name) {
    assertThatThrownBy(() -> PluginConfig.of(with(Map.of("s3.storage.class", name))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("problems found: 1")
        .hasMessageContaining("s3.storage.class")
        .hasMessageContaining(name)
        .hasMessageContaining("expected empty, or one that can be read at once: STANDARD, ");
  }

  @Test
  void aKeyThatNothingIsEncryptedWithIsRefused() {
    assertThatThrownBy(() -> PluginConfig.of(with(Map.of("s3.sse.kms.key.id", "alias/takhin"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("problems found: 1")
        .hasMessageContaining("expected s3.sse.type=kms");
  }

  @Test
  void whatALaterBrokerAddsIsPassedOver() {
    assertThat(PluginConfig.of(with(Map.of("cluster.id", "abc")))).isNotNull();
  }

  private static Map<String, Object> with(Map<String, String> more) {
    Map<String, Object> all = new HashMap<>(LEAST);
    all.putAll(more);
    return all;
  }
}
