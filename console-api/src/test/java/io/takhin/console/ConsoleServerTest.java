package io.takhin.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConsoleServerTest {
  @TempDir Path data;

  @Test
  void aTakenPortIsNamed() throws Exception {
    try (RunningConsole console = RunningConsole.start(data)) {
      int port = console.server.uri().getPort();
      ConsoleOptions same = ConsoleOptions.defaults().withAddress("127.0.0.1", port);

      assertThatThrownBy(() -> ConsoleServer.start(same, console.tiered, console.meters, List.of()))
          .isInstanceOf(BindException.class)
          .hasMessageContaining("127.0.0.1:" + port)
          .hasMessageContaining("console.port");
    }
  }

  @Test
  void anAddressOfAnotherMachineIsNamed() throws Exception {
    try (RunningConsole console = RunningConsole.start(data)) {
      ConsoleOptions elsewhere = ConsoleOptions.defaults().withAddress("192.0.2.1", 0);

      assertThatThrownBy(
              () -> ConsoleServer.start(elsewhere, console.tiered, console.meters, List.of()))
          .isInstanceOf(BindException.class)
          .hasMessageContaining("192.0.2.1:0");
    }
  }

  @Test
  void aStoppedConsoleFreesItsPortAndLeavesTheEngineRunning() throws Exception {
    try (RunningConsole console = RunningConsole.start(data)) {
      // Given
      ConsoleOptions same =
          ConsoleOptions.defaults().withAddress("127.0.0.1", console.server.uri().getPort());

      // When
      console.server.close();
      console.server.close();

      // Then
      assertThat(console.tiered.stats().catalog().segments()).isZero();
      ConsoleServer.start(same, console.tiered, console.meters, List.of()).close();
    }
  }

  @Test
  void aWildcardAddressIsServedUnderAnyName() throws Exception {
    ConsoleOptions everywhere = ConsoleOptions.defaults().withAddress("0.0.0.0", 0);
    try (RunningConsole console = RunningConsole.start(data, everywhere)) {
      assertThat(console.server.uri().getHost()).isEqualTo("localhost");
      console.get("/health/live").expect(200);
    }
  }

  @Test
  void anInvalidOptionIsNamedWithItsValue() {
    ConsoleOptions defaults = ConsoleOptions.defaults();

    assertThatThrownBy(() -> defaults.withAddress("127.0.0.1", 65_536))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("port")
        .hasMessageContaining("'65536'");
    assertThatThrownBy(() -> defaults.withAddress(" ", 1)).hasMessageContaining("host");
    assertThatThrownBy(() -> defaults.withMaxRequestBytes(0))
        .hasMessageContaining("maxRequestBytes");
    assertThatThrownBy(() -> defaults.withOperations(1, 1, 1, Duration.ZERO))
        .hasMessageContaining("maxWait");
  }
}
