package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The two commands that move one segment: {@code takhin archive} and {@code takhin restore}. */
final class MoveCommands {
  private MoveCommands() {}

  @Command(
      name = "archive",
      description = "Uploads a sealed segment, proves the copy and frees the local files.")
  static final class Archive extends Move {
    Archive() {
      super("archive");
    }
  }

  @Command(name = "restore", description = "Brings a segment's files back from the bucket.")
  static final class Restore extends Move {
    Restore() {
      super("restore");
    }
  }

  private abstract static class Move implements Runnable {
    private final String operation;

    @Mixin private ConsoleOptions console = new ConsoleOptions();

    @Option(names = "--no-wait", description = "Return at once with an operation id.")
    private boolean noWait;

    @Parameters(
        paramLabel = "SEGMENT",
        description = "segment_path, such as orders-0/00000000000000000000.log")
    private String segmentPath = "";

    @Spec private CommandSpec spec = CommandSpec.create();

    Move(String operation) {
      this.operation = operation;
    }

    @Override
    public void run() {
      PrintWriter out = spec.commandLine().getOut();
      String path = "/api/v1/tiered/" + operation + (noWait ? "?wait=false" : "");
      JsonNode answer = console.client().post(path, Map.of("segment_path", segmentPath));
      console.print(out, answer, result -> line(out, result));
    }

    private void line(PrintWriter out, JsonNode result) {
      if (noWait) {
        out.printf("%s accepted: operation %s%n", operation, result.path("operation_id").asText());
      } else {
        out.printf(
            "%s is %s, tier %s, %s%n",
            result.path("segment_path").asText(),
            result.path("state").asText(),
            result.path("policy").asText(),
            TextTable.bytes(result.path("size_bytes").asLong()));
      }
    }
  }
}
