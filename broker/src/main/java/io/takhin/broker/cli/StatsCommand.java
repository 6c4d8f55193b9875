package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code takhin stats}. */
@Command(name = "stats", description = "Shows how many segments and bytes are in each tier.")
final class StatsCommand implements Runnable {
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    console.print(out, console.client().get("/api/v1/tiered/stats"), stats -> table(out, stats));
  }

  private static void table(PrintWriter out, JsonNode stats) {
    TextTable table = new TextTable("TIER", "SEGMENTS");
    for (String tier : new String[] {"hot", "warm", "cold"}) {
      table.row(tier, stats.path(tier + "_segments").asLong());
    }
    table.row("total", stats.path("total_segments").asLong()).print(out);
    out.printf(
        "%n%d only in the bucket, %s in all%n",
        stats.path("archived_segments").asLong(),
        TextTable.bytes(stats.path("total_size_bytes").asLong()));
  }
}
