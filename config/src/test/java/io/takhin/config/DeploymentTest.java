package io.takhin.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Checks what lies in {@code deploy/} as far as that is possible without a container engine. */
final class DeploymentTest {

  static final Path DEPLOY = Path.of("..", "deploy");

  /** Compose's {@code ${NAME:-default}}, {@code ${NAME:?message}} and {@code ${NAME}}. */
  private static final Pattern INTERPOLATION =
      Pattern.compile("\\$\\{([A-Z_]+)(?::-([^}]*)|:\\?[^}]*)?}");

  static final Pattern PINNED_IMAGE =
      Pattern.compile("[a-z-]+(/[a-z-]+)?:[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*");

  static Object parse(String file) throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return yaml.load(Files.readString(DEPLOY.resolve(file)));
  }

  /** Follows names into nested mappings. */
  static Object at(Object tree, String... path) {
    Object found = tree;
    for (String name : path) {
      if (!(found instanceof Map<?, ?> mapping) || !mapping.containsKey(name)) {
        throw new AssertionError("no %s on the way to %s".formatted(name, String.join(".", path)));
      }
      found = requireNonNull(mapping.get(name));
    }
    return found;
  }

  private static Map<String, String> environmentOf(String service) throws IOException {
    Object environment = at(parse("compose.yaml"), "services", service, "environment");
    return ((Map<?, ?>) environment)
        .entrySet().stream()
            .collect(
                toMap(entry -> entry.getKey().toString(), entry -> entry.getValue().toString()));
  }

  static String interpolated(String text) {
    return INTERPOLATION
        .matcher(text)
        .replaceAll(match -> match.group(2) == null ? "given" : match.group(2));
  }

  static List<String> strings(Object oneOrMany) {
    return oneOrMany instanceof List<?> many
        ? many.stream().map(Object::toString).toList()
        : List.of(oneOrMany.toString());
  }

  private static Stream<Map<?, ?>> statements() throws IOException {
    Object statements = at(parse("iam/takhin-archiver.json"), "Statement");
    assertThat(statements).isInstanceOf(List.class);
    return ((List<?>) statements).stream().map(statement -> (Map<?, ?>) statement);
  }

  /** The instructions of the Dockerfile, each on one line, without comments. */
  private static List<String> instructions() throws IOException {
    String text =
        Files.readString(DEPLOY.resolve("Dockerfile"))
            .replaceAll("(?m)^#.*\n", "")
            .replaceAll("\\\\\n\\s*", "");
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  private static List<String> instructions(String name) throws IOException {
    return instructions().stream()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .toList();
  }

  /** What {@code ENV} sets, as the last stage of the image has it. */
  private static Map<String, String> imageEnvironment() throws IOException {
    return instructions("ENV").stream()
        .flatMap(line -> Stream.of(line.trim().split("\\s+", -1)))
        .map(assignment -> assignment.split("=", 2))
        .collect(toMap(pair -> pair[0], pair -> pair[1]));
  }

  @Test
  void brokerOfTheComposeFileIsConfiguredForItsMinio() throws IOException {
    // Given
    Map<String, String> environment = new HashMap<>(imageEnvironment());
    environmentOf("broker").forEach((name, text) -> environment.put(name, interpolated(text)));

    // When
    TakhinConfig config = TakhinConfig.load(DEPLOY.resolve("takhin.yaml"), environment);

    // Then
    S3Config s3 = config.storage().tiered().s3();
    assertThat(config.storage().tiered().enabled()).isTrue();
    assertThat(s3.endpoint()).isInstanceOf(S3Endpoint.Server.class);
    assertThat(((S3Endpoint.Server) s3.endpoint()).uri().getHost()).isEqualTo("minio");
    assertThat(parse("compose.yaml").toString())
        .contains("mb --ignore-existing minio/" + s3.bucket());
    assertThat(config.storage().tiered().archive())
        .isEqualTo(TakhinConfig.defaults().storage().tiered().archive());
  }

  @Test
  void imageListensOnEveryInterfaceAndKeepsItsDataInTheVolume() throws IOException {
    // When
    TakhinConfig config = TakhinConfig.load(DEPLOY.resolve("takhin.yaml"), imageEnvironment());

    // Then
    assertThat(config.broker().host()).isEqualTo("0.0.0.0");
    assertThat(config.console().host()).isEqualTo("0.0.0.0");
    assertThat(config.storage().dataDir()).startsWithRaw(Path.of(instructions("VOLUME").get(0)));
    assertThat(instructions("EXPOSE"))
        .containsExactly(config.broker().port() + " " + config.console().port());
  }

  @Test
  void composeFileHoldsNoCredentials() throws IOException {
    for (String service : List.of("minio", "bucket", "broker")) {
      assertThat(environmentOf(service))
          .allSatisfy(
              (name, text) -> {
                if (name.matches(".*(KEY|PASSWORD|USER|SECRET).*")) {
                  assertThat(text).as(name).matches("\\$\\{[A-Z_]+:\\?[^}]+}");
                }
              });
    }
  }

  @Test
  void exampleNamesEveryRequiredVariableAndLeavesItEmpty() throws IOException {
    // Given
    String compose = Files.readString(DEPLOY.resolve("compose.yaml"));
    List<String> required =
        Pattern.compile("\\$\\{([A-Z_]+):\\?")
            .matcher(compose)
            .results()
            .map((MatchResult match) -> match.group(1) + "=")
            .distinct()
            .toList();

    // When
    Stream<String> given =
        Files.readAllLines(DEPLOY.resolve("env.example")).stream()
            .filter(line -> !line.startsWith("#"));

    // Then
    assertThat(required).hasSize(4);
    assertThat(given).containsExactlyInAnyOrderElementsOf(required);
  }

  @Test
  void composeFilePublishesOnLoopbackAndRestrainsTheBroker() throws IOException {
    // When
    Object broker = at(parse("compose.yaml"), "services", "broker");

    // Then
    assertThat(strings(at(broker, "ports"))).allMatch(port -> port.startsWith("127.0.0.1:"));
    assertThat(at(broker, "read_only")).isEqualTo(true);
    assertThat(strings(at(broker, "cap_drop"))).containsExactly("ALL");
    assertThat(strings(at(broker, "volumes")))
        .containsExactly("broker-data:" + instructions("VOLUME").get(0));
    assertThat(at(broker, "depends_on", "bucket", "condition"))
        .isEqualTo("service_completed_successfully");
  }

  @Test
  void imagesArePinned() throws IOException {
    // Given
    Object services = at(parse("compose.yaml"), "services");
    Stream<String> compose =
        Stream.of("minio", "bucket")
            .map(service -> interpolated(at(services, service, "image").toString()));
    Stream<String> dockerfile =
        instructions("FROM").stream().map(from -> from.replaceAll(" AS .*", ""));

    // When
    List<String> images = Stream.concat(compose, dockerfile).toList();

    // Then
    assertThat(images).hasSize(4).allMatch(PINNED_IMAGE.asMatchPredicate());
  }

  @Test
  void dockerfileRunsAsANumericUserOtherThanRoot() throws IOException {
    assertThat(instructions("USER")).singleElement().asString().matches("[1-9][0-9]*:[1-9][0-9]*");
  }

  @Test
  void dockerfileFetchesNothingByUrl() throws IOException {
    assertThat(instructions("ADD")).isEmpty();
    assertThat(instructions()).noneMatch(line -> line.matches(".*(https?://|curl |wget ).*"));
  }

  @Test
  void dockerfileStartsTheLauncherWithTheFileItCopied() throws IOException {
    // Given
    String copied = "deploy/takhin.yaml ";

    // When
    List<String> target =
        instructions("COPY").stream()
            .filter(line -> line.startsWith(copied))
            .map(line -> line.substring(copied.length()))
            .toList();

    // Then
    assertThat(instructions("ENTRYPOINT")).containsExactly("[\"/opt/takhin/bin/takhin\"]");
    assertThat(instructions("CMD"))
        .containsExactly("[\"start\", \"--config\", \"%s\"]".formatted(target.get(0)));
  }

  @ParameterizedTest
  @CsvSource({"200, true", "503, false", "404, false"})
  void healthCheckFollowsTheStatusOfTheLiveProbe(int status, boolean healthy) throws Exception {
    // Given
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/health/live",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();

    try {
      // When
      int exit = runHealthCheck(server.getAddress().getPort());

      // Then
      assertThat(exit == 0).isEqualTo(healthy);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void healthCheckFailsWhenNobodyListens() throws Exception {
    // Given
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    int port = server.getAddress().getPort();
    server.stop(0);

    // When
    int exit = runHealthCheck(port);

    // Then
    assertThat(exit).isNotZero();
  }

  private static int runHealthCheck(int port) throws IOException, InterruptedException {
    String check = instructions("HEALTHCHECK").get(0);
    // The exec form is JSON, and JSON is YAML.
    Object command =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(check.substring(check.indexOf("CMD ") + 4));
    ProcessBuilder builder = new ProcessBuilder(strings(command)).redirectErrorStream(true);
    builder.environment().put("TAKHIN_CONSOLE_PORT", Integer.toString(port));
    Process process = builder.start();
    try {
      // At most one line of error, so that the pipe never fills before the process ends.
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void policyAllowsWhatTheArchiverNeedsAndNothingElse() throws IOException {
    assertThat(statements().flatMap(statement -> strings(at(statement, "Action")).stream()))
        .containsExactlyInAnyOrder(
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads");
    assertThat(statements()).allMatch(statement -> at(statement, "Effect").equals("Allow"));
  }

  @Test
  void policyIsLimitedToTheBucketAndPrefixOfTheDefaults() throws IOException {
    // Given
    S3Config s3 = TakhinConfig.defaults().storage().tiered().s3();
    String bucket = "arn:aws:s3:::" + s3.bucket();

    // When
    Stream<String> resources =
        statements().flatMap(statement -> strings(at(statement, "Resource")).stream());

    // Then
    assertThat(resources).containsOnly(bucket, bucket + "/" + s3.prefix() + "/*");
    assertThat(statements())
        .filteredOn(statement -> strings(at(statement, "Action")).contains("s3:ListBucket"))
        .singleElement()
        .satisfies(
            statement ->
                assertThat(strings(at(statement, "Condition", "StringLike", "s3:prefix")))
                    .containsExactly(s3.prefix() + "/*"));
  }

  @Test
  void policyIsStrictJson() throws IOException {
    // YAML allows more than JSON; these are the forms of it that somebody might slip in.
    assertThat(Files.readString(DEPLOY.resolve("iam/takhin-archiver.json"), UTF_8))
        .startsWith("{\n")
        .endsWith("}\n")
        .doesNotContain("'", "#")
        .doesNotContainPattern(",\\s*[\\]}]");
  }
}
