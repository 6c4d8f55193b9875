package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code takhin undelete}: what is deleted and not removed yet, and the way back. */
@Command(
    name = "undelete",
    description =
        "Brings back what a running broker has deleted, while its objects are in the bucket"
            + " (storage.tiered.delete.delay.hours). Without a topic or a segment, lists it.")
final class UndeleteCommand implements Runnable {
  private static final String TOPIC = "topic";

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @ArgGroup private @Nullable Wanted wanted;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** One of them. */
  private static final class Wanted {
    @Option(
        names = "--topic",
        description = "All deleted segments of it; a topic that is gone is made anew.")
    private @Nullable String topic;

    @Parameters(
        paramLabel = "SEGMENT",
        arity = "0..1",
        description = "One segment, such as orders-0/00000000000000000000.log.")
    private @Nullable String segment;
  }

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Wanted one = wanted;
    if (one == null) {
      JsonNode deleted = console.client().get("/api/v1/tiered/deleted");
      console.print(out, deleted, answer -> table(out, answer));
      return;
    }
    Map<String, String> body =
        one.topic != null
            ? Map.of(TOPIC, one.topic)
            : Map.of("segment_path", String.valueOf(one.segment));
    JsonNode answer = console.client().post("/api/v1/tiered/undelete", body);
    console.print(out, answer, undeletion -> told(out, undeletion));
    if (answer.path("failed").asInt() > 0) {
      throw new CommandFailure(
          ExitCode.FAILED, answer.path("failed").asInt() + " segments could not be brought back");
    }
  }

  private static void told(PrintWriter out, JsonNode undeletion) {
    if (undeletion.has("operation_id")) {
      out.println("going on: operation " + undeletion.path("operation_id").asText());
      return;
    }
    out.println("brought back: " + undeletion.path("restored").asInt() + " segments");
    for (JsonNode problem : undeletion.path("problems")) {
      out.println("not brought back: " + problem.asText());
    }
  }

  private static void table(PrintWriter out, JsonNode deleted) {
    if (deleted.path("segments").isEmpty()) {
      out.println("nothing is deleted that could be brought back");
      return;
    }
    TextTable table = new TextTable("SEGMENT", "SIZE", "DELETED", "UNTIL", "KEPT BY");
    for (JsonNode segment : deleted.path("segments")) {
      table.row(
          segment.path("segment_path").asText(),
          TextTable.bytes(segment.path("size_bytes").asLong()),
          segment.path("deleted_at").asText(),
          segment.path("purge_at").asText(),
          keptBy(segment));
    }
    table.print(out);
    out.printf(
        "in all %d segments, %s%n",
        deleted.path("total_segments").asLong(),
        TextTable.bytes(deleted.path("total_size_bytes").asLong()));
  }

  private static String keptBy(JsonNode segment) {
    if (segment.path("held_by").isTextual()) {
      return "hold " + segment.path("held_by").asText();
    }
    return segment.path("retained_because").isTextual() ? "the store" : "-";
  }
}
