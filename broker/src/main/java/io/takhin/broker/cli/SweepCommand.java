package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin sweep}. */
@Command(
    name = "sweep",
    description = {
      "Removes from the bucket what has no owner and is older than"
          + " storage.tiered.sweep.grace.hours: objects that no manifest names, and uploads that"
          + " nobody is going to complete.",
      "Never removed: manifests, and what others wrote. With --dry-run nothing is removed."
    })
final class SweepCommand implements Runnable {
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Option(names = "--dry-run", description = "Only tell what would be removed.")
  private boolean dryRun;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer = console.client().post("/api/v1/tiered/sweep?dry_run=" + dryRun, Map.of());
    console.print(out, answer, sweep -> print(out, sweep));
  }

  private static void print(PrintWriter out, JsonNode answer) {
    if (answer.has("operation_id")) {
      out.println("still running: operation " + answer.path("operation_id").asText());
      return;
    }
    JsonNode plan = answer.path("plan");
    TextTable table = new TextTable("REASON", "SINCE", "BYTES", "KEY");
    for (JsonNode orphan : plan.path("listed")) {
      table.row(
          orphan.path("reason").asText(),
          orphan.path("since").asText(),
          orphan.path("size_bytes").asLong(),
          orphan.path("key").asText());
    }
    if (!plan.path("listed").isEmpty()) {
      table.print(out);
    }
    out.printf(
        "without an owner: %d, %s; too young: %d; segments unknown here: %d; by others: %d%n",
        plan.path("orphans").asLong(),
        TextTable.bytes(plan.path("orphan_bytes").asLong()),
        plan.path("young").asLong(),
        plan.path("unclaimed_manifests").asLong(),
        plan.path("foreign").asLong());
    JsonNode result = answer.path("result");
    if (!result.isNull()) {
      out.printf(
          "removed: %d objects, %s; uploads aborted: %d; retained: %d; kept: %d%n",
          result.path("removed_objects").asLong(),
          TextTable.bytes(result.path("removed_bytes").asLong()),
          result.path("aborted_uploads").asLong(),
          result.path("retained").asLong(),
          result.path("kept").asLong());
      if (!result.path("stopped").isNull()) {
        out.println("ended early: " + result.path("stopped").asText());
      }
    }
  }
}
