package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.tiered.store.ObjectKey;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VerifyTest {
  private static final String VERIFY = API + "/verify";

  @TempDir Path data;
  private RunningConsole console;
  private String path;

  @BeforeEach
  void start() throws Exception {
    console = RunningConsole.start(data);
    path = console.seal("orders", 1).get(0);
    console.move("archive", path).expect(200);
  }

  @AfterEach
  void stop() throws Exception {
    console.close();
  }

  @Test
  void beforeTheFirstRunOnlyTheBackgroundIsTold() throws Exception {
    JsonNode state = console.get(VERIFY).expect(200).json();

    assertThat(state.path("running").isNull()).isTrue();
    assertThat(state.path("last").isNull()).isTrue();
    assertThat(state.path("background").path("interval_hours").asDouble()).isEqualTo(168);
    assertThat(state.path("background").path("level").asInt()).isEqualTo(1);
  }

  @Test
  void whatIsWrongIsToldAndRepairedWhenThatIsAskedFor() throws Exception {
    // Given
    ObjectKey index = new ObjectKey("takhin/" + path.replace(".log", ".index"));
    assertThat(console.store.head(index)).isPresent();
    console.store.delete(index);

    // When
    JsonNode found = console.post(VERIFY, "{\"level\":0,\"topic\":\"orders\"}").expect(200).json();
    JsonNode repaired = console.post(VERIFY, "{\"repair\":true}").expect(200).json();
    JsonNode after = console.post(VERIFY, "{}").expect(200).json();

    // Then
    JsonNode finding = found.path("findings").path(0);
    assertThat(finding.path("kind").asText()).isEqualTo("object_missing");
    assertThat(finding.path("segment_path").asText()).isEqualTo(path);
    assertThat(finding.path("where").asText()).isEqualTo(index.value());
    assertThat(finding.path("outcome").asText()).isEqualTo("reported");
    assertThat(found.path("unrepaired").asInt()).isEqualTo(1);
    assertThat(found.path("findings_by_kind").path("object_missing").asInt()).isEqualTo(1);
    assertThat(repaired.path("findings").path(0).path("outcome").asText()).isEqualTo("repaired");
    assertThat(repaired.path("unrepaired").asInt()).isZero();
    assertThat(after.path("clean").asBoolean()).isTrue();
    assertThat(console.store.head(index)).isPresent();
    JsonNode last = console.get(VERIFY).expect(200).json().path("last");
    assertThat(last.path("clean").asBoolean()).isTrue();
  }

  @Test
  void aRunThatNobodyWaitsForIsAnOperation() throws Exception {
    Answer accepted = console.post(VERIFY + "?wait=false", "{\"level\":1}").expect(202);

    String location = accepted.header("Location");
    JsonNode ended =
        Awaitility.await()
            .until(
                () -> console.get(location).expect(200).json(),
                operation -> !operation.path("state").asText().equals("running"));
    assertThat(ended.path("kind").asText()).isEqualTo("verify");
    assertThat(ended.path("state").asText()).isEqualTo("succeeded");
    assertThat(ended.path("result").path("segments_checked").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"level\":3}",
        "{\"level\":-1}",
        "{\"level\":\"1\"}",
        "{\"repair\":1}",
        "{\"topic\":7}",
        "{\"depth\":1}"
      })
  void whatIsNotValidIsRefused(String body) throws Exception {
    console.post(VERIFY, body).expect(400);
  }
}
