package io.takhin.config;

import static io.takhin.config.DeploymentTest.DEPLOY;
import static io.takhin.config.DeploymentTest.PINNED_IMAGE;
import static io.takhin.config.DeploymentTest.at;
import static io.takhin.config.DeploymentTest.interpolated;
import static io.takhin.config.DeploymentTest.parse;
import static io.takhin.config.DeploymentTest.strings;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks {@code deploy/kafka} as far as that is possible without a container engine. */
final class KafkaDeploymentTest {
  private static final String COMPOSE = "kafka/compose.yaml";

  private static Object kafka() throws IOException {
    return at(parse(COMPOSE), "services", "kafka");
  }

  private static Properties properties() throws IOException {
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(DEPLOY.resolve("kafka/server.properties"))) {
      properties.load(reader);
    }
    return properties;
  }

  @Test
  void whatIsMountedIsWhereThePropertiesLookForIt() throws IOException {
    List<String> volumes = strings(at(kafka(), "volumes"));
    String classPath = properties().getProperty("remote.log.storage.manager.class.path");

    assertThat(volumes)
        .contains("../../kafka-plugin/target/dist:" + classPath.replace("/*", "") + ":ro")
        .contains("kafka-data:" + Path.of(properties().getProperty("log.dirs")).getParent());
    assertThat(properties().getProperty("rsm.config.data.dir")).startsWith("/var/lib/kafka/");
    assertThat(Files.exists(DEPLOY.resolve("kafka/server.properties"))).isTrue();
  }

  @Test
  void bucketAndServerAreThoseOfTheComposeFile() throws IOException {
    String bucket = properties().getProperty("rsm.config.s3.bucket");

    assertThat(properties().getProperty("rsm.config.s3.endpoint")).isEqualTo("http://minio:9000");
    assertThat(parse(COMPOSE).toString()).contains("mb --ignore-existing minio/" + bucket);
    assertThat(strings(at(parse(COMPOSE), "services", "bucket", "volumes")))
        .containsExactly("../iam/takhin-kafka.json:/takhin-kafka.json:ro");
  }

  @Test
  void theConsoleAndTheListenerArePublishedOnLoopback() throws IOException {
    assertThat(strings(at(kafka(), "ports")))
        .containsExactly(
            "127.0.0.1:9092:9092",
            "127.0.0.1:8080:" + properties().getProperty("rsm.config.console.port"));
    assertThat(strings(at(kafka(), "cap_drop"))).containsExactly("ALL");
    assertThat(at(kafka(), "depends_on", "bucket", "condition"))
        .isEqualTo("service_completed_successfully");
  }

  @Test
  void imagesArePinnedAndNoCredentialsAreWrittenDown() throws IOException {
    for (String service : List.of("minio", "bucket", "kafka")) {
      Object described = at(parse(COMPOSE), "services", service);
      assertThat(interpolated(at(described, "image").toString())).matches(PINNED_IMAGE);
      ((Map<?, ?>) at(described, "environment"))
          .forEach(
              (name, text) -> {
                if (name.toString().matches(".*(KEY|PASSWORD|USER|SECRET).*")) {
                  assertThat(text.toString()).matches("\\$\\{[A-Z_]+:\\?[^}]+}");
                }
              });
    }
    assertThat(properties().stringPropertyNames()).noneMatch(name -> name.contains("key.id"));
  }

  @Test
  void policyAllowsWhatThePluginNeedsBelowItsPrefixAndNothingElse() throws IOException {
    List<Map<?, ?>> statements =
        ((List<?>) at(parse("iam/takhin-kafka.json"), "Statement"))
            .stream().<Map<?, ?>>map(statement -> (Map<?, ?>) statement).toList();
    String bucket = "arn:aws:s3:::" + properties().getProperty("rsm.config.s3.bucket");
    String below = properties().getProperty("rsm.config.key.prefix") + "/*";

    assertThat(all(statements, "Action"))
        .containsExactlyInAnyOrder(
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads");
    assertThat(all(statements, "Effect")).containsOnly("Allow");
    assertThat(all(statements, "Resource")).containsOnly(bucket, bucket + "/" + below);
    assertThat(statements)
        .filteredOn(statement -> statement.containsKey("Condition"))
        .singleElement()
        .satisfies(
            statement ->
                assertThat(strings(at(statement, "Condition", "StringLike", "s3:prefix")))
                    .containsExactly(below));
  }

  private static Stream<String> all(List<Map<?, ?>> statements, String field) {
    return statements.stream().flatMap(statement -> strings(at(statement, field)).stream());
  }
}
