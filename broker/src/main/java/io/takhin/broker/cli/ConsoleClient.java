package io.takhin.broker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Calls the console of a running broker. One per command; not shared between threads. */
final class ConsoleClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final URI console;
  private final Duration timeout;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

  ConsoleClient(URI console, Duration timeout) {
    this.console = console;
    this.timeout = timeout;
  }

  JsonNode get(String path) {
    return send(request(path).GET());
  }

  JsonNode delete(String path) {
    return send(request(path).DELETE());
  }

  JsonNode post(String path, Object body) {
    return send("POST", path, body);
  }

  JsonNode put(String path, Object body) {
    return send("PUT", path, body);
  }

  private JsonNode send(String method, String path, Object body) {
    try {
      String text = JSON.writeValueAsString(body);
      return send(
          request(path)
              .header("Content-Type", "application/json")
              .method(method, BodyPublishers.ofString(text)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + body.getClass(), e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(console.resolve(path)).timeout(timeout);
  }

  private JsonNode send(HttpRequest.Builder builder) {
    HttpRequest request = builder.build();
    HttpResponse<String> response;
    try {
      response = http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "no answer from the console at " + console + ": " + reason + " (is the broker running?)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted while waiting for " + console, e);
    }
    JsonNode answer = parse(response.body());
    if (response.statusCode() >= 400) {
      throw new CommandFailure(ExitCode.FAILED, problemText(response, answer));
    }
    return answer;
  }

  private static JsonNode parse(String body) {
    try {
      return body.isEmpty() ? MissingNode.getInstance() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance(); // Not our console; the status tells.
    }
  }

  /** The problem's own words (RFC 9457), or the bare status when something else answered. */
  private static String problemText(HttpResponse<String> response, JsonNode problem) {
    String title = problem.path("title").asText("HTTP error");
    String detail = problem.path("detail").asText(response.uri().toString());
    return title + " (HTTP " + response.statusCode() + "): " + detail;
  }
}
