package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code takhin disk}: how full it is, and what was given up because of it. */
@Command(
    name = "disk",
    description = "Shows how full a running broker's disk is, when it will be full, and the gaps.")
final class DiskCommand implements Runnable {
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    ConsoleClient client = console.client();
    ObjectNode answer = client.get("/api/v1/tiered/disk").deepCopy();
    answer.set("gaps", client.get("/api/v1/tiered/gaps"));
    console.print(out, answer, disk -> table(out, disk));
  }

  private static void table(PrintWriter out, JsonNode disk) {
    out.printf(
        "%s of %s used, %s%% (marks: low %d, high %d, full %d); level %s, policy %s%n",
        TextTable.bytes(disk.path("used_bytes").asLong()),
        TextTable.bytes(disk.path("total_bytes").asLong()),
        disk.path("used_percent").asText(),
        disk.path("low_percent").asInt(),
        disk.path("high_percent").asInt(),
        disk.path("full_percent").asInt(),
        disk.path("level").asText(),
        disk.path("policy").asText());
    JsonNode seconds = disk.path("seconds_to_full");
    out.println(
        seconds.isIntegralNumber()
            ? "full in " + Duration.ofSeconds(seconds.asLong()) + " at the present growth"
            : "not growing");
    JsonNode gaps = disk.path("gaps");
    if (gaps.path("total_gaps").asLong() == 0) {
      out.println("nothing was given up");
      return;
    }
    out.printf("%n%s were given up:%n", TextTable.bytes(gaps.path("total_bytes").asLong()));
    TextTable table = new TextTable("PARTITION", "FROM", "TO", "BYTES", "DROPPED AT", "WHY");
    for (JsonNode gap : gaps.path("gaps")) {
      table.row(
          gap.path("topic").asText() + "-" + gap.path("partition").asInt(),
          gap.path("from_offset").asLong(),
          gap.path("to_offset").asLong(),
          TextTable.bytes(gap.path("bytes").asLong()),
          gap.path("dropped_at").asText(),
          gap.path("reason").asText());
    }
    table.print(out);
  }
}
