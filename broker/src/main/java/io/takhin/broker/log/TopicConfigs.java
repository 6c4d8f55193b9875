package io.takhin.broker.log;

import io.takhin.tiered.policy.RetentionPolicy;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Turns the settings of a topic into Kafka's {@link LogConfig}, with this broker's defaults.
 *
 * <p>Differences to Kafka: {@code segment.bytes} may be as small as 16 KiB; {@code retention.ms} is
 * unlimited unless the topic or the broker says, since data is archived rather than dropped; the
 * settings of Kafka's own tiered storage belong to the broker.
 */
public final class TopicConfigs {
  private static final int KAFKAS_MIN_SEGMENT_BYTES = 1024 * 1024;
  private static final int MIN_SEGMENT_BYTES = 16 * 1024;
  private static final int TIME_INDEX_ENTRY_BYTES = 12;
  private static final int INDEX_INTERVAL_BYTES = 4096;

  /** Decided by the broker, so that only the archiving side frees local files. */
  private static final Set<String> RESERVED =
      Set.of(
          TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG,
          TopicConfig.REMOTE_LOG_COPY_DISABLE_CONFIG,
          TopicConfig.REMOTE_LOG_DELETE_ON_DISABLE_CONFIG,
          TopicConfig.LOCAL_LOG_RETENTION_MS_CONFIG,
          TopicConfig.LOCAL_LOG_RETENTION_BYTES_CONFIG,
          TopicConfig.FILE_DELETE_DELAY_MS_CONFIG,
          LogConfig.INTERNAL_SEGMENT_BYTES_CONFIG);

  private final int defaultSegmentBytes;
  private final RetentionPolicy defaultRetention;

  TopicConfigs(int defaultSegmentBytes, RetentionPolicy defaultRetention) {
    this.defaultSegmentBytes = defaultSegmentBytes;
    this.defaultRetention = defaultRetention;
  }

  /**
   * The full configuration of a topic.
   *
   * @throws InvalidConfigurationException naming the setting and the value that is not allowed
   */
  public LogConfig logConfig(Map<String, String> config) {
    for (String name : config.keySet()) {
      if (RESERVED.contains(name)) {
        throw new InvalidConfigurationException(
            "Topic config " + name + " is decided by the broker and cannot be set");
      }
    }
    LogConfig.validateNames(config);
    int segmentBytes = segmentBytes(config);
    Map<String, String> asked = new HashMap<>(config);
    if (segmentBytes < KAFKAS_MIN_SEGMENT_BYTES) {
      asked.remove(TopicConfig.SEGMENT_BYTES_CONFIG);
    }
    Properties overrides = new Properties();
    overrides.putAll(asked);
    try {
      LogConfig result =
          LogConfig.fromProps(defaults(segmentBytes, isCompacted(config)), overrides);
      LogConfig.validateValues(result.values());
      return result;
    } catch (ConfigException e) {
      throw new InvalidConfigurationException(e.getMessage(), e);
    }
  }

  /** Whether the operator of the broker decides the setting for topics that do not say. */
  public boolean isOfTheBroker(String name) {
    return switch (name) {
      case TopicConfig.SEGMENT_BYTES_CONFIG -> true;
      case TopicConfig.RETENTION_MS_CONFIG ->
          defaultRetention.maxAgeMillis() != RetentionPolicy.UNLIMITED;
      case TopicConfig.RETENTION_BYTES_CONFIG ->
          defaultRetention.maxBytes() != RetentionPolicy.UNLIMITED;
      default -> false;
    };
  }

  public int segmentBytes(Map<String, String> config) {
    String text = config.get(TopicConfig.SEGMENT_BYTES_CONFIG);
    if (text == null) {
      return defaultSegmentBytes;
    }
    int value;
    try {
      value = Integer.parseInt(text.trim());
    } catch (NumberFormatException e) {
      throw new InvalidConfigurationException(
          "segment.bytes: expected a number of bytes, got '" + text + "'", e);
    }
    if (value < MIN_SEGMENT_BYTES) {
      throw new InvalidConfigurationException(
          "segment.bytes: expected at least " + MIN_SEGMENT_BYTES + ", got " + value);
    }
    return value;
  }

  /** Compacted topics stay local: cleaning rewrites their segments. */
  static boolean isCompacted(Map<String, String> config) {
    return config.getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, "").contains("compact");
  }

  private Map<String, String> defaults(int segmentBytes, boolean compacted) {
    Map<String, String> defaults = new HashMap<>();
    if (segmentBytes < KAFKAS_MIN_SEGMENT_BYTES) {
      defaults.put(LogConfig.INTERNAL_SEGMENT_BYTES_CONFIG, Integer.toString(segmentBytes));
    } else {
      defaults.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(segmentBytes));
    }
    // Kafka sizes both indexes for the largest possible segment; what this segment can fill is
    // enough, and a broker with many partitions maps less.
    int indexBytes =
        (int) (((long) segmentBytes / INDEX_INTERVAL_BYTES + 1024) * TIME_INDEX_ENTRY_BYTES);
    defaults.put(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG, Integer.toString(indexBytes));
    defaults.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(defaultRetention.maxAgeMillis()));
    defaults.put(TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(defaultRetention.maxBytes()));
    defaults.put(TopicConfig.FILE_DELETE_DELAY_MS_CONFIG, "1000");
    // Kafka frees local segments of a topic with remote storage only after it is told that they
    // are elsewhere, and -1 keeps it from freeing any by itself.
    defaults.put(TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG, Boolean.toString(!compacted));
    if (!compacted) {
      defaults.put(TopicConfig.LOCAL_LOG_RETENTION_MS_CONFIG, "-1");
      defaults.put(TopicConfig.LOCAL_LOG_RETENTION_BYTES_CONFIG, "-1");
    }
    return defaults;
  }
}
