package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin segments}. */
@Command(
    name = "segments",
    description = "Lists segments with their tier and state, a page at a time.")
final class SegmentsCommand implements Runnable {
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Option(names = "--topic", description = "Only this topic.")
  private @Nullable String topic;

  @Option(names = "--tier", description = "Only this tier: hot, warm or cold.")
  private @Nullable String tier;

  @Option(
      names = "--state",
      description =
          "Only this state: local, uploading, archived, remoteonly, restored or deleting.")
  private @Nullable String state;

  @Option(names = "--limit", description = "Page size, 1 to 1000 (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Option(names = "--after", description = "Start after this segment_path.")
  private @Nullable String after;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode page = console.client().get("/api/v1/tiered/segments?" + query());
    console.print(out, page, answer -> table(out, answer));
  }

  private String query() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("limit", Integer.toString(limit));
    putIfGiven(parameters, "topic", topic);
    putIfGiven(parameters, "tier", tier);
    putIfGiven(parameters, "state", state);
    putIfGiven(parameters, "after", after);
    return parameters.entrySet().stream()
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static void putIfGiven(Map<String, String> to, String name, @Nullable String value) {
    if (value != null) {
      to.put(name, value);
    }
  }

  private static void table(PrintWriter out, JsonNode page) {
    TextTable table = new TextTable("SEGMENT", "TIER", "STATE", "SIZE", "LAST MODIFIED");
    for (JsonNode segment : page.path("segments")) {
      table.row(
          segment.path("segment_path").asText(),
          segment.path("policy").asText(),
          segment.path("state").asText(),
          TextTable.bytes(segment.path("size_bytes").asLong()),
          segment.path("last_modified").asText());
    }
    table.print(out);
    if (page.path("next").isTextual()) {
      out.println("… more: --after " + page.path("next").asText());
    }
  }
}
