package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code takhin quarantine list} and {@code takhin quarantine retry}. */
@Command(
    name = "quarantine",
    description = "Shows the segments that failed by themselves, and has them tried again.",
    subcommands = {QuarantineCommand.Listing.class, QuarantineCommand.Retry.class})
final class QuarantineCommand implements Runnable {
  private static final String PATH = "/api/v1/tiered/quarantine";

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Without a subcommand: the list. */
  @Override
  public void run() {
    list(console, spec.commandLine().getOut());
  }

  private static void list(ConsoleOptions console, PrintWriter out) {
    console.print(out, console.client().get(PATH), answer -> table(out, answer));
  }

  private static void table(PrintWriter out, JsonNode answer) {
    JsonNode segments = answer.path("segments");
    if (segments.isEmpty()) {
      out.println("no segment failed by itself");
      return;
    }
    TextTable table = new TextTable("SEGMENT", "STAGE", "ATTEMPTS", "NEXT ATTEMPT", "REASON");
    for (JsonNode segment : segments) {
      table.row(
          segment.path("segment_path").asText(),
          segment.path("stage").asText(),
          segment.path("attempts").asLong(),
          segment.path("quarantined").asBoolean()
              ? "when asked for"
              : segment.path("next_attempt").asText(),
          segment.path("reason").asText());
    }
    table.print(out);
    long hidden = answer.path("total").asLong() - segments.size();
    if (hidden > 0) {
      out.println("… and " + hidden + " more");
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists them with what failed, why, and when they are tried again.")
  static final class Listing implements Runnable {
    @Mixin private ConsoleOptions console = new ConsoleOptions();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      list(console, spec.commandLine().getOut());
    }
  }

  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = "Has one of them, or all, tried again now.")
  static final class Retry implements Runnable {
    @Mixin private ConsoleOptions console = new ConsoleOptions();

    @Parameters(
        arity = "0..1",
        paramLabel = "SEGMENT",
        description = "As listed: <topic>-<partition>/<20 digits>.log")
    private @Nullable String segment;

    @Option(names = "--all", description = "All of them.")
    private boolean all;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      if (all == (segment != null)) {
        throw new CommandFailure(ExitCode.USAGE, "expected either SEGMENT or --all");
      }
      PrintWriter out = spec.commandLine().getOut();
      Map<String, Object> body =
          segment == null ? Map.of("all", true) : Map.of("segment_path", segment);
      JsonNode answer = console.client().post(PATH + "/retry", body);
      console.print(
          out,
          answer,
          done -> out.println("segments tried again: " + done.path("retried").asLong()));
    }
  }
}
