package io.takhin.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WaitTest {
  @TempDir Path data;

  @Test
  void aWaitThatIsUsedUpIsAnsweredWithTheOperation() throws Exception {
    // Given
    ConsoleOptions options =
        RunningConsole.freePort().withOperations(4, 4, 4, Duration.ofMillis(300));
    try (RunningConsole console = RunningConsole.start(data, options)) {
      String path = console.seal("orders", 1).get(0);
      console.store.hang();

      // When
      Answer answer = console.move("archive", path).expect(202);

      // Then
      assertThat(answer.json().path("state").asText()).isEqualTo("running");
      assertThat(console.get(answer.header("Location")).expect(200).json().path("state").asText())
          .isEqualTo("running");
      await().untilAsserted(() -> assertThat(console.store.fired()).isPositive());
    }
  }
}
