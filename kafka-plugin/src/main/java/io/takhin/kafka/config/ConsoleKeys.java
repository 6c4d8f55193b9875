package io.takhin.kafka.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;

/** The keys of the console; part of {@link PluginKeys#ALL}. */
final class ConsoleKeys {
  static final String ENABLED = "console.enabled";
  static final String HOST = "console.host";
  static final String PORT = "console.port";

  private static final int MAX_PORT = 65_535;

  private ConsoleKeys() {}

  static void define(ConfigDef all) {
    all.define(
        ENABLED,
        ConfigDef.Type.BOOLEAN,
        false,
        MEDIUM,
        "Whether this broker serves a page, REST and Prometheus metrics about its remote"
            + " segments.");
    all.define(
        HOST,
        ConfigDef.Type.STRING,
        "127.0.0.1",
        PluginKeys.matching("an address or host name", text -> !text.isBlank()),
        LOW,
        "Address that the console binds. It asks nobody for a password: another one than loopback"
            + " is for networks that only trusted people reach.");
    all.define(
        PORT,
        ConfigDef.Type.INT,
        8080,
        Range.between(0, MAX_PORT),
        LOW,
        "Port of the console; 0 takes a free one, which the log tells. If it is taken the broker"
            + " starts all the same, without a console, and logs an error.");
  }
}
