package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.policy.RetentionPolicy;
import java.util.Map;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicConfigsTest {
  private final TopicConfigs configs = new TopicConfigs(1 << 30, RetentionPolicy.NONE);

  @ParameterizedTest
  @ValueSource(ints = {16 * 1024, 1024 * 1024 - 1, 1024 * 1024, Integer.MAX_VALUE})
  void segmentsOfAnyAllowedSizeReachTheLog(int bytes) {
    LogConfig config = configs.logConfig(Map.of("segment.bytes", Integer.toString(bytes)));

    assertThat(config.segmentSize()).isEqualTo(bytes);
  }

  @Test
  void aTopicThatSaysNothingKeepsItsRecordsAndItsLocalFiles() {
    LogConfig config = configs.logConfig(Map.of());

    assertThat(config.segmentSize()).isEqualTo(1 << 30);
    assertThat(config.retentionMs).isEqualTo(-1);
    assertThat(config.remoteStorageEnable()).isTrue();
    assertThat(config.localRetentionMs()).isEqualTo(-1);
    assertThat(config.localRetentionBytes()).isEqualTo(-1);
  }

  @Test
  void theBrokersRetentionHoldsUnlessTheTopicSays() {
    TopicConfigs limited = new TopicConfigs(1 << 30, new RetentionPolicy(5_000, 7_000));

    assertThat(limited.logConfig(Map.of()).retentionMs).isEqualTo(5_000);
    assertThat(limited.logConfig(Map.of()).retentionSize).isEqualTo(7_000);
    LogConfig own = limited.logConfig(Map.of("retention.ms", "-1", "retention.bytes", "9"));
    assertThat(own.retentionMs).isEqualTo(-1);
    assertThat(own.retentionSize).isEqualTo(9);
  }

  @Test
  void aCompactedTopicStaysLocal() {
    assertThat(configs.logConfig(Map.of("cleanup.policy", "compact")).remoteStorageEnable())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "segment.bytes,16383",
    "segment.bytes,many",
    "segment.bytes,99999999999",
    "retention.ms,-7",
    "cleanup.policy,burn",
    "local.retention.ms,5",
    "internal.segment.bytes,5",
    "nonsense,1"
  })
  void aSettingThatIsNotAllowedIsNamed(String name, String value) {
    assertThatThrownBy(() -> configs.logConfig(Map.of(name, value)))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining(name);
  }
}
