package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin verify}: has a running broker compare bucket, catalog and local files. */
@Command(
    name = "verify",
    description = {
      "Compares bucket, catalog and local files, and repairs what can be repaired if asked.",
      "Level 0 compares the listing, 1 also checksums and manifests and local files, 2 also"
          + " downloads every object and compares batches and indexes."
    })
final class VerifyCommand implements Callable<Integer> {
  private static final String VERIFY = "/api/v1/tiered/verify";
  private static final String OPERATIONS = "/api/v1/tiered/operations/";
  private static final long POLL_MILLIS = 500;

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Option(
      names = "--level",
      defaultValue = "1",
      paramLabel = "0|1|2",
      description = "How deep to look (default: ${DEFAULT-VALUE}).")
  private int level = 1;

  @Option(names = "--topic", paramLabel = "TOPIC", description = "Only this topic.")
  private @Nullable String topic;

  @Option(
      names = "--repair",
      description = "Repair what can be repaired, and quarantine the rest; nothing is deleted.")
  private boolean repair;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("level", level);
    request.put("repair", repair);
    if (topic != null) {
      request.put("topic", topic);
    }
    ConsoleClient client = console.client();
    JsonNode operation = client.post(VERIFY + "?wait=false", request);
    String id = operation.path("operation_id").asText();
    while (operation.path("state").asText().equals("running")) {
      pause();
      progress(err, client.get(VERIFY).path("running"));
      operation = client.get(OPERATIONS + id);
    }
    if (!operation.path("state").asText().equals("succeeded")) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "verification failed: " + operation.path("problem").path("detail").asText());
    }
    JsonNode report = operation.path("result");
    console.print(out, report, answer -> print(out, answer));
    if (!report.path("problem").isNull()) {
      throw new CommandFailure(
          ExitCode.FAILED, "verification ended early: " + report.path("problem").asText());
    }
    return (report.path("unrepaired").asLong() == 0 ? ExitCode.OK : ExitCode.DAMAGED).status();
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(
          ExitCode.FAILED, "interrupted; the broker goes on with the verification", e);
    }
  }

  private static void progress(PrintWriter err, JsonNode running) {
    if (running.isObject()) {
      err.printf(
          "%d of %d segments, %s read, %d findings%n",
          running.path("segments_checked").asLong(),
          running.path("segments_total").asLong(),
          TextTable.bytes(running.path("bytes_read").asLong()),
          running.path("findings_total").asLong());
      err.flush();
    }
  }

  private static void print(PrintWriter out, JsonNode report) {
    TextTable table = new TextTable("OUTCOME", "KIND", "WHERE", "EXPECTED", "ACTUAL", "HOW");
    for (JsonNode found : report.path("findings")) {
      table.row(
          found.path("outcome").asText(),
          found.path("kind").asText(),
          found.path("where").asText(),
          found.path("expected").asText(),
          found.path("actual").asText(),
          found.path("how").asText());
    }
    if (!report.path("findings").isEmpty()) {
      table.print(out);
    }
    out.printf(
        "level %d: %d segments, %d requests, %s read; %d findings, %d not repaired%n",
        report.path("level").asInt(),
        report.path("segments_checked").asLong(),
        report.path("requests").asLong(),
        TextTable.bytes(report.path("bytes_read").asLong()),
        report.path("findings_total").asLong(),
        report.path("unrepaired").asLong());
  }
}
