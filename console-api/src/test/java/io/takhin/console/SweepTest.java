package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has no owner in the bucket, over REST. The store's clock is now, so nothing is old. */
final class SweepTest {
  private static final String SWEEP = API + "/sweep";
  private static final ObjectKey STRAY = new ObjectKey("takhin/orders-0/00000000000000005000.log");

  @TempDir Path data;
  private RunningConsole console;

  @BeforeEach
  void start() throws Exception {
    console = RunningConsole.start(data);
  }

  @AfterEach
  void stop() throws Exception {
    console.close();
  }

  private void put(ObjectKey key) throws Exception {
    ByteBuffer body = ByteBuffer.wrap(new byte[10]);
    console.store.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }

  @Test
  void beforeAnybodyLookedThereIsNothingToTell() throws Exception {
    JsonNode latest = console.get(SWEEP).expect(200).json();

    assertThat(latest.path("plan").isNull()).isTrue();
    assertThat(latest.path("result").isNull()).isTrue();
  }

  @Test
  void aDryRunTellsAndRemovesNothing() throws Exception {
    put(STRAY);
    put(new ObjectKey("takhin/notes.txt"));

    JsonNode answer = console.post(SWEEP + "?dry_run=true", "{}").expect(200).json();

    assertThat(answer.path("result").isNull()).isTrue();
    assertThat(answer.path("plan").path("young").asLong()).isEqualTo(1);
    assertThat(answer.path("plan").path("orphans").asLong()).isZero();
    assertThat(answer.path("plan").path("foreign_keys").get(0).asText())
        .isEqualTo("takhin/notes.txt");
    assertThat(console.get(SWEEP).json().path("plan")).isEqualTo(answer.path("plan"));
    assertThat(console.store.head(STRAY)).isPresent();
  }

  @Test
  void aSweepIsAnOperation() throws Exception {
    Answer accepted = console.post(SWEEP + "?wait=false", "{}").expect(202);

    JsonNode ended =
        await()
            .atMost(Duration.ofSeconds(10))
            .until(
                () -> console.get(accepted.header("Location")).json(),
                operation -> operation.path("state").asText().equals("succeeded"));

    assertThat(ended.path("kind").asText()).isEqualTo("sweep");
    assertThat(ended.path("result").path("result").path("removed_objects").asLong()).isZero();
  }

  @Test
  void aFlagThatIsNeitherTrueNorFalseIsRefused() throws Exception {
    console.post(SWEEP + "?dry_run=perhaps", "{}").expect(400);
  }
}
