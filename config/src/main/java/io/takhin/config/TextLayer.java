package io.takhin.config;

import static io.takhin.config.ConfigKey.ENVIRONMENT_PREFIX;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads settings that are texts by nature: environment variables and overrides given by code. */
final class TextLayer {

  /** Variables of the launcher, which this package does not read. */
  private static final Set<String> LAUNCHER_VARIABLES =
      Set.of("TAKHIN_JAVA_OPTS", "TAKHIN_HOME", "TAKHIN_LOG_DIR", "TAKHIN_LOG_LEVEL");

  private static final Pattern SERVICE_LINK_NAME =
      Pattern.compile("TAKHIN_(.*_)?(SERVICE_(HOST|PORT)(_.*)?|PORT(_[0-9]+_(TCP|UDP).*)?)");
  private static final Pattern SERVICE_LINK_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

  private TextLayer() {}

  /** Reads the variables that begin with {@code TAKHIN_} and looks at no others. */
  static Layer environment(Map<String, String> environment, List<ConfigProblem> problems) {
    Layer layer = new Layer(problems);
    new TreeMap<>(environment)
        .forEach(
            (variable, text) -> {
              if (variable.startsWith(ENVIRONMENT_PREFIX)
                  && !LAUNCHER_VARIABLES.contains(variable)) {
                variable(layer, variable, text);
              }
            });
    return layer;
  }

  private static void variable(Layer layer, String variable, String text) {
    String origin = "environment";
    ConfigKey<?> key = KeyNames.findEnvironment(variable).orElse(null);
    if (isServiceLink(key, variable, text)) {
      layer.report(
          origin,
          variable,
          "set by Kubernetes for a Service whose name begins with takhin; put enableServiceLinks:"
              + " false into the pod, or rename the Service");
    } else if (key == null) {
      List<String> suggestions =
          KeyNames.nearestKeys(variable.substring(ENVIRONMENT_PREFIX.length())).stream()
              .map(ConfigKey::environmentName)
              .toList();
      layer.unknown(origin, variable, "variable", suggestions);
    } else {
      layer.put(key, variable, text, origin);
    }
  }

  /**
   * Kubernetes gives every container variables that describe the Services of its namespace. For a
   * Service called {@code takhin-broker} one of them is {@code TAKHIN_BROKER_PORT}, a URL.
   */
  private static boolean isServiceLink(@Nullable ConfigKey<?> key, String variable, String text) {
    return SERVICE_LINK_VALUE.matcher(text).matches()
        || (key == null && SERVICE_LINK_NAME.matcher(variable).matches());
  }

  /**
   * @param overrides dotted names to texts
   */
  static Layer overrides(Map<String, String> overrides, List<ConfigProblem> problems) {
    Layer layer = new Layer(problems);
    String origin = "override";
    new TreeMap<>(overrides)
        .forEach(
            (name, text) ->
                KeyNames.find(name)
                    .ifPresentOrElse(
                        key -> layer.put(key, name, text, origin),
                        () -> layer.unknown(origin, name, "key", KeyNames.nearestKeys(name))));
    return layer;
  }
}
