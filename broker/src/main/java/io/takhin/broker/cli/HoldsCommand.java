package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code takhin holds}: what nothing and nobody removes. */
@Command(
    name = "holds",
    description = "Keeps records of a running broker from being removed, whoever asks.",
    subcommands = {
      HoldsCommand.ListHolds.class,
      HoldsCommand.SetHold.class,
      HoldsCommand.ReleaseHold.class
    })
final class HoldsCommand {
  private static final String PATH = "/api/v1/tiered/holds";

  private HoldsCommand() {}

  /** {@code takhin holds list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the holds, and how many segments they keep.")
  static final class ListHolds implements Runnable {
    @Mixin private ConsoleOptions console = new ConsoleOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      PrintWriter out = spec.commandLine().getOut();
      console.print(out, console.client().get(PATH), answer -> table(out, answer));
    }

    private static void table(PrintWriter out, JsonNode answer) {
      if (answer.path("holds").isEmpty()) {
        out.println("there are no holds");
        return;
      }
      TextTable table =
          new TextTable("NAME", "TOPIC", "PARTITION", "FROM", "TO", "SINCE", "REASON");
      for (JsonNode hold : answer.path("holds")) {
        table.row(
            hold.path("name").asText(),
            hold.path("topic").asText(),
            orAll(hold.path("partition")),
            orAll(hold.path("from_offset")),
            orAll(hold.path("to_offset")),
            hold.path("created_at").asText(),
            hold.path("reason").asText());
      }
      table.print(out);
      out.println("held segments: " + answer.path("held_segments").asLong());
    }

    private static String orAll(JsonNode value) {
      return value.isNumber() ? value.asText() : "all";
    }
  }

  /** {@code takhin holds set}. */
  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Keeps a topic, a partition, or a range of its offsets, until it is released.")
  static final class SetHold implements Runnable {
    @Mixin private ConsoleOptions console = new ConsoleOptions();

    @Parameters(paramLabel = "NAME", description = "What the hold is called.")
    private String name = "";

    @Option(names = "--topic", required = true, description = "What is kept.")
    private String topic = "";

    @Option(names = "--partition", description = "Only this one; all without it.")
    private @Nullable Integer partition;

    @Option(names = "--from", paramLabel = "OFFSET", description = "Only from this offset on.")
    private @Nullable Long from;

    @Option(names = "--to", paramLabel = "OFFSET", description = "Only up to this one, without it.")
    private @Nullable Long to;

    @Option(names = "--reason", required = true, description = "Why, for those who find it.")
    private String reason = "";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      Map<String, Object> wanted = new LinkedHashMap<>();
      wanted.put("topic", topic);
      putIfGiven(wanted, "partition", partition);
      putIfGiven(wanted, "from_offset", from);
      putIfGiven(wanted, "to_offset", to);
      wanted.put("reason", reason);
      PrintWriter out = spec.commandLine().getOut();
      JsonNode answer = console.client().put(PATH + "/" + PathText.encode(name), wanted);
      console.print(out, answer, placed -> told(out, placed));
    }

    private static void putIfGiven(
        Map<String, Object> wanted, String field, @Nullable Object value) {
      if (value != null) {
        wanted.put(field, value);
      }
    }

    private static void told(PrintWriter out, JsonNode placed) {
      out.println("hold " + placed.path("hold").path("name").asText() + " is in force");
      for (JsonNode late : placed.path("too_late")) {
        out.println("too late for " + late.asText() + ": it was being removed");
      }
    }
  }

  /** {@code takhin holds release}. */
  @Command(
      name = "release",
      mixinStandardHelpOptions = true,
      description = "Ends a hold; what it alone kept may be removed from then on.")
  static final class ReleaseHold implements Runnable {
    @Mixin private ConsoleOptions console = new ConsoleOptions();

    @Parameters(paramLabel = "NAME", description = "What the hold is called.")
    private String name = "";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      PrintWriter out = spec.commandLine().getOut();
      JsonNode answer = console.client().delete(PATH + "/" + PathText.encode(name));
      console.print(
          out, answer, hold -> out.println("hold " + hold.path("name").asText() + " is released"));
    }
  }
}
