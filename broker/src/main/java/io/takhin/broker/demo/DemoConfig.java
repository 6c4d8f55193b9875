package io.takhin.broker.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The configuration of a demo, as overrides of the defaults: the embedded S3 server, free ports,
 * and ages of seconds where a real broker has days.
 */
public final class DemoConfig {
  private static final double SECONDS_PER_HOUR = 3600;
  private static final double SECONDS_PER_MINUTE = 60;
  private static final double WARM_AGE_SECONDS = 2;
  private static final double COLD_AGE_SECONDS = 5;
  private static final double INTERVAL_SECONDS = 1;

  private DemoConfig() {}

  public static Map<String, String> overrides(DemoOptions options) {
    Map<String, String> overrides = new LinkedHashMap<>();
    overrides.put("storage.data.dir", options.dir().toString());
    overrides.put("storage.tiered.enabled", "true");
    overrides.put("storage.tiered.s3.endpoint", "embedded");
    overrides.put("storage.tiered.s3.bucket", "takhin-demo");
    overrides.put("storage.tiered.warm.age.hours", decimal(WARM_AGE_SECONDS / SECONDS_PER_HOUR));
    overrides.put("storage.tiered.cold.age.hours", decimal(COLD_AGE_SECONDS / SECONDS_PER_HOUR));
    overrides.put(
        "storage.tiered.archive.interval.minutes", decimal(INTERVAL_SECONDS / SECONDS_PER_MINUTE));
    overrides.put("broker.port", "0");
    overrides.put("console.port", "0");
    return overrides;
  }

  private static String decimal(double value) {
    return BigDecimal.valueOf(value).setScale(8, RoundingMode.UP).toPlainString();
  }
}
