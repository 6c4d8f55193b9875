package io.takhin.config;

import static io.takhin.config.BrokerKeys.BROKER_ADVERTISED_HOST;
import static io.takhin.config.BrokerKeys.BROKER_HOST;
import static io.takhin.config.BrokerKeys.BROKER_PORT;
import static io.takhin.config.BrokerKeys.CONSOLE_ENABLED;
import static io.takhin.config.BrokerKeys.CONSOLE_HOST;
import static io.takhin.config.BrokerKeys.CONSOLE_PORT;
import static io.takhin.config.S3Keys.S3_EMBEDDED_PORT;
import static io.takhin.config.S3Keys.S3_ENDPOINT;
import static io.takhin.config.S3Keys.S3_SSE;
import static io.takhin.config.S3Keys.S3_SSE_KMS_KEY_ID;
import static io.takhin.config.TieredKeys.TIERED_COLD_AGE_HOURS;
import static io.takhin.config.TieredKeys.TIERED_DISK_FULL_PERCENT;
import static io.takhin.config.TieredKeys.TIERED_DISK_HIGH_PERCENT;
import static io.takhin.config.TieredKeys.TIERED_DISK_LOW_PERCENT;
import static io.takhin.config.TieredKeys.TIERED_ENABLED;
import static io.takhin.config.TieredKeys.TIERED_WARM_AGE_HOURS;

import io.takhin.config.Layer.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What must hold between keys. A relation with a rejected value is not judged. */
final class Relations {

  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");
  private static final String LOOPBACK = "127.0.0.1";

  private final Settings settings;
  private final List<ConfigProblem> problems;

  private Relations(Settings settings, List<ConfigProblem> problems) {
    this.settings = settings;
    this.problems = problems;
  }

  static void check(Settings settings, List<ConfigProblem> problems) {
    Relations relations = new Relations(settings, problems);
    relations.agesAreInOrder();
    relations.marksAscend(TIERED_DISK_LOW_PERCENT, TIERED_DISK_HIGH_PERCENT);
    relations.marksAscend(TIERED_DISK_HIGH_PERCENT, TIERED_DISK_FULL_PERCENT);
    relations.clientsAreToldAnAddress();
    relations.portsDiffer();
    relations.keyIsOfKms();
  }

  private void agesAreInOrder() {
    if (sound(TIERED_WARM_AGE_HOURS, TIERED_COLD_AGE_HOURS)
        && !ArchiveConfig.inOrder(
            settings.get(TIERED_WARM_AGE_HOURS), settings.get(TIERED_COLD_AGE_HOURS))) {
      report(TIERED_WARM_AGE_HOURS, "expected at most " + describe(TIERED_COLD_AGE_HOURS));
    }
  }

  private void marksAscend(ConfigKey<Integer> lower, ConfigKey<Integer> higher) {
    if (sound(lower, higher) && settings.get(lower) >= settings.get(higher)) {
      report(lower, "expected less than " + describe(higher));
    }
  }

  private void clientsAreToldAnAddress() {
    if (!sound(BROKER_HOST, BROKER_ADVERTISED_HOST)) {
      return;
    }
    String host = settings.get(BROKER_HOST);
    String advertised = settings.get(BROKER_ADVERTISED_HOST).orElse(host);
    if (WILDCARDS.contains(advertised)) {
      report(
          BROKER_ADVERTISED_HOST,
          "expected a host that clients can connect to, because %s stands for every interface"
              .formatted(advertised));
    }
  }

  private record Listener(ConfigKey<Integer> portKey, String host, int port) {

    boolean clashesWith(Listener other) {
      return port != 0
          && port == other.port
          && (host.equals(other.host)
              || WILDCARDS.contains(host)
              || WILDCARDS.contains(other.host));
    }
  }

  private void portsDiffer() {
    List<Listener> listeners = new ArrayList<>();
    if (sound(BROKER_HOST, BROKER_PORT)) {
      listeners.add(listener(BROKER_PORT, settings.get(BROKER_HOST)));
    }
    if (sound(CONSOLE_HOST, CONSOLE_PORT) && settings.get(CONSOLE_ENABLED)) {
      listeners.add(listener(CONSOLE_PORT, settings.get(CONSOLE_HOST)));
    }
    if (sound(S3_EMBEDDED_PORT)
        && settings.get(TIERED_ENABLED)
        && settings.get(S3_ENDPOINT).equals(S3Endpoint.Embedded.WORD)) {
      listeners.add(listener(S3_EMBEDDED_PORT, LOOPBACK));
    }
    for (int later = 1; later < listeners.size(); later++) {
      Listener listener = listeners.get(later);
      listeners.subList(0, later).stream()
          .filter(listener::clashesWith)
          .findFirst()
          .ifPresent(
              taken ->
                  report(
                      listener.portKey(),
                      "expected another port than " + describe(taken.portKey())));
    }
  }

  private void keyIsOfKms() {
    if (sound(S3_SSE, S3_SSE_KMS_KEY_ID)
        && settings.get(S3_SSE_KMS_KEY_ID).isPresent()
        && settings.get(S3_SSE) != ServerEncryption.KMS) {
      report(S3_SSE_KMS_KEY_ID, "expected nothing, or kms for " + describe(S3_SSE));
    }
  }

  private Listener listener(ConfigKey<Integer> portKey, String host) {
    String address = host.equals("localhost") ? LOOPBACK : host;
    return new Listener(portKey, address, settings.get(portKey));
  }

  private boolean sound(ConfigKey<?>... keys) {
    return Stream.of(keys).allMatch(settings::isSound);
  }

  private String describe(ConfigKey<?> key) {
    Setting setting = settings.setting(key);
    return "%s = %s (%s)".formatted(key.name(), setting.text(), setting.origin());
  }

  private void report(ConfigKey<?> key, String expected) {
    Setting setting = settings.setting(key);
    problems.add(
        new ConfigProblem(
            setting.origin(), key.name(), "%s, got \"%s\"".formatted(expected, setting.text())));
  }
}
