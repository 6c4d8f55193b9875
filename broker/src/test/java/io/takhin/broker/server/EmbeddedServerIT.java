package io.takhin.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.embedded.s3.EmbeddedS3Options;
import io.takhin.testkit.QuietPorts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedServerIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path dir;

  @Test
  void aServerThatIsKilledComesBackAtItsAddressWithItsBucket() throws Exception {
    EmbeddedS3Options options =
        EmbeddedS3Options.onFreePort(dir, "bucket").withPort(QuietPorts.take());
    EmbeddedServer server = EmbeddedServer.start(options);
    try (server) {
      // Given
      long killed = server.pid();

      // When
      ProcessHandle process = ProcessHandle.of(killed).orElseThrow();
      assertThat(process.destroyForcibly()).isTrue();
      await().atMost(PATIENCE).until(() -> !process.isAlive());

      // Then
      await().atMost(PATIENCE).until(() -> server.pid() != killed);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.endpoint() + "/bucket"))
              .method("HEAD", HttpRequest.BodyPublishers.noBody())
              .build();
      assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
    }
    assertThat(ProcessHandle.of(server.pid()).map(ProcessHandle::isAlive).orElse(false)).isFalse();
  }
}
