package io.takhin.config;

import static io.takhin.config.ValueType.bool;
import static io.takhin.config.ValueType.bytes;
import static io.takhin.config.ValueType.count;
import static io.takhin.config.ValueType.duration;
import static io.takhin.config.ValueType.host;
import static io.takhin.config.ValueType.port;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys of the broker and of its console. */
final class BrokerKeys {

  /** In order of declaration. */
  static final List<ConfigKey<?>> ALL = new ArrayList<>();

  static final ConfigKey<String> BROKER_HOST =
      key(
          "broker.host",
          host(),
          "127.0.0.1",
          "Address on which the broker listens. 0.0.0.0 listens on every interface and then needs"
              + " broker.advertised.host.");

  static final ConfigKey<Integer> BROKER_PORT =
      key(
          "broker.port",
          port(),
          "9092",
          "Port of the Kafka protocol. 0 takes a free port, which the ready line tells.");

  static final ConfigKey<Optional<String>> BROKER_ADVERTISED_HOST =
      key(
          "broker.advertised.host",
          host().orEmpty("broker.host"),
          "",
          "Host that clients are told to connect to.");

  static final ConfigKey<Boolean> BROKER_AUTO_CREATE_TOPICS =
      key(
          "broker.auto.create.topics",
          bool(),
          "true",
          "Create a topic when a client first asks for it.");

  static final ConfigKey<Integer> BROKER_NUM_PARTITIONS =
      key(
          "broker.num.partitions",
          count(1, 10_000),
          "1",
          "Partitions of a topic that is created without saying how many.");

  static final ConfigKey<Integer> BROKER_MAX_CONNECTIONS =
      key(
          "broker.max.connections",
          count(1, 1_000_000),
          "1000",
          "Client connections open at once; further ones are refused.");

  static final ConfigKey<Long> BROKER_MAX_REQUEST_BYTES =
      key(
          "broker.max.request.bytes",
          bytes(1_024, Integer.MAX_VALUE),
          "104857600",
          "Largest request that a client may send.");

  static final ConfigKey<Duration> BROKER_SHUTDOWN_TIMEOUT_SECONDS =
      key(
          "broker.shutdown.timeout.seconds",
          duration(SECONDS, "0", "3600"),
          "30",
          "How long a stop waits for running requests and transfers before it gives them up.");

  static final ConfigKey<Boolean> CONSOLE_ENABLED =
      key(
          "console.enabled",
          bool(),
          "true",
          "Serve the console: REST, metrics, health and the web page.");

  static final ConfigKey<String> CONSOLE_HOST =
      key(
          "console.host",
          host(),
          "127.0.0.1",
          "Address on which the console listens. The console asks nobody for a password, so let"
              + " only trusted networks reach it.");

  static final ConfigKey<Integer> CONSOLE_PORT =
      key(
          "console.port",
          port(),
          "8080",
          "Port of the console. 0 takes a free port, which the ready line tells.");

  static final ConfigKey<Long> CONSOLE_MAX_REQUEST_BYTES =
      key(
          "console.max.request.bytes",
          bytes(1_024, 104_857_600),
          "65536",
          "Largest request body that the console reads.");

  private BrokerKeys() {}

  private static <T> ConfigKey<T> key(
      String name, ValueType<T> type, String defaultText, String description, String... aliases) {
    return ConfigKeys.in(ALL, name, type, defaultText, description, aliases);
  }
}
