package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What every command that talks to a running broker takes. */
final class ConsoleOptions {
  @Option(
      names = "--url",
      defaultValue = "http://127.0.0.1:8080",
      paramLabel = "URL",
      description = "The console's address (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("http://127.0.0.1:8080");

  @Option(
      names = "--timeout",
      defaultValue = "300",
      paramLabel = "SECONDS",
      description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 300;

  @Option(names = "--json", description = "Print the console's answer as JSON.")
  private boolean json;

  ConsoleClient client() {
    if (url.getHost() == null || url.getScheme() == null || timeoutSeconds < 1) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "expected --url http://HOST:PORT and --timeout of 1 or more, got --url "
              + url
              + " --timeout "
              + timeoutSeconds);
    }
    return new ConsoleClient(url, Duration.ofSeconds(timeoutSeconds));
  }

  /** Prints the answer as JSON if that was asked for, otherwise leaves it to the given writer. */
  void print(PrintWriter out, JsonNode answer, Consumer<JsonNode> human) {
    if (!json) {
      human.accept(answer);
    } else {
      try {
        out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(answer));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    out.flush();
  }
}
