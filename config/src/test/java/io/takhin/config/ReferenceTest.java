package io.takhin.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keeps the generated documents equal to what the code says. Run with {@code
 * -Dtakhin.reference.write=true} it writes them instead.
 */
final class ReferenceTest {

  private static final Path ROOT = Path.of("..");
  private static final String WRITE = "takhin.reference.write";

  static Stream<Arguments> documents() {
    return Stream.of(
        Arguments.of("docs/configuration.md", Reference.markdown()),
        Arguments.of("config/takhin.yaml", Reference.yaml()));
  }

  @BeforeAll
  static void writeWhenAsked() throws IOException {
    if (Boolean.getBoolean(WRITE)) {
      Files.createDirectories(ROOT.resolve("docs"));
      Files.writeString(ROOT.resolve("docs/configuration.md"), Reference.markdown());
      Files.writeString(ROOT.resolve("config/takhin.yaml"), Reference.yaml());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void generatedDocumentIsUpToDate(String path, String expected) throws IOException {
    // Given
    Path document = ROOT.resolve(path);

    // When
    String actual = Files.exists(document) ? Files.readString(document) : "";

    // Then
    assertThat(actual)
        .as(
            "%s is stale; write it anew: mvn test -pl config -Dtest=ReferenceTest -D%s=true",
            path, WRITE)
        .isEqualTo(expected);
  }

  @Test
  void fileWithEveryKeyEqualsTheDefaults() {
    // When
    TakhinConfig config = TakhinConfig.load(ROOT.resolve("config/takhin.yaml"), Map.of());

    // Then
    assertThat(config).isEqualTo(TakhinConfig.defaults());
  }

  @Test
  void fileWithEveryKeyMentionsEveryKeyOnce() throws IOException {
    // Given
    String yaml = Files.readString(ROOT.resolve("config/takhin.yaml"));

    // When
    Layer layer = YamlLayer.read("takhin.yaml", yaml, new ArrayList<>());

    // Then
    assertThat(ConfigKeys.all()).allMatch(layer::mentions);
  }

  @Test
  void documentationMentionsEveryNameOfEveryKey() throws IOException {
    // When
    String markdown = Files.readString(ROOT.resolve("docs/configuration.md"));

    // Then
    assertThat(ConfigKeys.all())
        .allSatisfy(
            key -> {
              assertThat(key.names()).allMatch(name -> markdown.contains("`" + name + "`"));
              assertThat(markdown).contains("`" + key.environmentName() + "`");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"takhin-aws.yaml", "takhin-minio.yaml"})
  void exampleEnablesTieringOnItsServer(String name) {
    // When
    TieredConfig tiered =
        TakhinConfig.load(ROOT.resolve("config").resolve(name), Map.of()).storage().tiered();

    // Then
    assertThat(tiered.enabled()).isTrue();
    assertThat(tiered.s3().endpoint())
        .isInstanceOf(name.contains("aws") ? S3Endpoint.Aws.class : S3Endpoint.Server.class);
  }
}
