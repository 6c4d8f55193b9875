package io.takhin.broker.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the console's REST interface says. */
record ConsoleReader(URI console) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 7;

  Stats stats() throws IOException {
    return new Stats(get("/api/v1/tiered/stats"));
  }

  /** All segments, by pages that are small enough to be several. */
  List<JsonNode> segments() throws IOException {
    List<JsonNode> segments = new ArrayList<>();
    String after = "";
    do {
      JsonNode page = get("/api/v1/tiered/segments?limit=" + PAGE + after);
      page.get("segments").forEach(segments::add);
      after =
          page.path("next").isTextual()
              ? "&after=" + URLEncoder.encode(page.get("next").asText(), StandardCharsets.UTF_8)
              : "";
    } while (!after.isEmpty());
    return segments;
  }

  private JsonNode get(String path) throws IOException {
    try (InputStream body = console.resolve(path).toURL().openStream()) {
      return JSON.readTree(body);
    }
  }

  /** The sums at one moment. */
  record Stats(JsonNode json) {
    long total() {
      return json.get("total_segments").asLong();
    }

    long tiers() {
      return json.get("hot_segments").asLong()
          + json.get("warm_segments").asLong()
          + json.get("cold_segments").asLong();
    }

    long archived() {
      return json.get("archived_segments").asLong();
    }

    long totalBytes() {
      return json.get("total_size_bytes").asLong();
    }

    long restoredBytes() {
      return json.get("restored_bytes").asLong();
    }

    long unfinished() {
      return json.get("unfinished_segments").asLong();
    }

    long inState(String state) {
      return json.get("states").get(state).asLong();
    }

    /** Requests that bring bytes into the bucket. */
    long uploads() {
      return json.get("s3_requests").get("put").asLong()
          + json.get("s3_requests").get("put_part").asLong();
    }

    boolean allArchived() {
      return total() > 0 && archived() == total() && unfinished() == 0;
    }

    @Override
    public String toString() {
      return json.toString();
    }
  }
}
