package io.takhin.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;

/** An answer of the console, as a test reads it. */
record Answer(HttpResponse<String> response) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  int status() {
    return response.statusCode();
  }

  String text() {
    return response.body();
  }

  String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  JsonNode json() {
    try {
      return MAPPER.readTree(text());
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + text(), e);
    }
  }

  Answer expect(int status) {
    assertThat(status()).describedAs(text()).isEqualTo(status);
    return this;
  }

  /** Asserts that this is a problem with all that RFC 9457 and the contract ask for. */
  JsonNode expectProblem(int status, String slug) {
    expect(status);
    assertThat(header("Content-Type")).isEqualTo("application/problem+json");
    JsonNode problem = json();
    assertThat(problem.path("type").asText()).isEqualTo("urn:takhin:problem:" + slug);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asText()).isNotBlank();
    assertThat(problem.path("detail").asText()).isNotBlank();
    assertThat(problem.path("instance").isTextual()).isTrue();
    assertThat(text()).doesNotContain("\\tat ", "Exception", "\\u0000");
    return problem;
  }
}
