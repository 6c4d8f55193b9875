package io.takhin.embedded.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EmbeddedS3OptionsTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "ab", "Upper", "-dash", "dot.", "under_score", "a/b"})
  void refusesABucketNameThatS3Refuses(String bucket) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddedS3Options.onFreePort(Path.of("s3"), bucket))
        .withMessageContaining("got '" + bucket + "'");
  }

  @Test
  void refusesAPortThatDoesNotExist() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddedS3Options.onFreePort(Path.of("s3"), "bucket").withPort(65_536))
        .withMessage("port: expected 0 to 65535, got 65536");
  }

  @Test
  void makesTheDirectoryAbsoluteSoThatTheChildMeansTheSame() {
    assertThat(EmbeddedS3Options.onFreePort(Path.of("a", "..", "s3"), "bucket").dir())
        .isEqualTo(Path.of("s3").toAbsolutePath());
  }
}
