package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin transfers}: what travels between a running broker and the bucket. */
@Command(
    name = "transfers",
    description = "Lists the files that travel to and from the bucket at this moment.")
final class TransfersCommand implements Runnable {
  private static final String PATH = "/api/v1/tiered/transfers";
  private static final long WATCH_SECONDS = 1;
  private static final long SECONDS_PER_MINUTE = 60;
  private static final long SECONDS_PER_HOUR = 3600;

  /** Set by the launcher, which can tell whether standard output is a terminal. */
  private static final String TERMINAL_PROPERTY = "takhin.terminal";

  private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Option(names = "--watch", description = "Show them again every second, until Ctrl-C.")
  private boolean watch;

  @Option(names = "--cancel", paramLabel = "ID", description = "End this one instead.")
  private @Nullable Long cancelled;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    if (watch && cancelled != null) {
      throw new CommandFailure(ExitCode.USAGE, "expected --watch or --cancel, got both");
    }
    PrintWriter out = spec.commandLine().getOut();
    ConsoleClient client = console.client();
    if (cancelled != null) {
      JsonNode answer = client.delete(PATH + "/" + cancelled);
      console.print(out, answer, transfer -> cancelledLine(out, transfer));
      return;
    }
    show(client, out);
    while (watch && pause()) {
      if (Boolean.getBoolean(TERMINAL_PROPERTY)) {
        out.print(CLEAR_SCREEN);
      }
      show(client, out);
    }
  }

  private void show(ConsoleClient client, PrintWriter out) {
    console.print(out, client.get(PATH), answer -> table(out, answer.path("transfers")));
  }

  /** False when the process is asked to end. */
  private static boolean pause() {
    try {
      TimeUnit.SECONDS.sleep(WATCH_SECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void cancelledLine(PrintWriter out, JsonNode transfer) {
    out.printf(
        "cancelled %s %s of %s after %s%n",
        transfer.path("direction").asText(),
        transfer.path("id").asText(),
        transfer.path("key").asText(),
        TextTable.bytes(transfer.path("done_bytes").asLong()));
  }

  private static void table(PrintWriter out, JsonNode transfers) {
    if (transfers.isEmpty()) {
      out.println("nothing travels at the moment");
      return;
    }
    TextTable table =
        new TextTable("ID", "DIRECTION", "DONE", "OF", "PERCENT", "RATE", "LEFT", "OBJECT", "WHY");
    for (JsonNode transfer : transfers) {
      table.row(
          transfer.path("id").asLong(),
          transfer.path("direction").asText(),
          TextTable.bytes(transfer.path("done_bytes").asLong()),
          TextTable.bytes(transfer.path("total_bytes").asLong()),
          transfer.path("percent").asText(),
          TextTable.bytes(transfer.path("bytes_per_second").asLong()) + "/s",
          left(transfer.path("eta_seconds")),
          transfer.path("key").asText(),
          transfer.path("reason").asText());
    }
    table.print(out);
  }

  /** Such as {@code 2:05} or {@code 1:00:00}. */
  private static String left(JsonNode seconds) {
    if (!seconds.isNumber()) {
      return "-";
    }
    long all = seconds.asLong();
    long hours = all / SECONDS_PER_HOUR;
    long minutes = all / SECONDS_PER_MINUTE % SECONDS_PER_MINUTE;
    return hours == 0
        ? String.format(Locale.ROOT, "%d:%02d", minutes, all % SECONDS_PER_MINUTE)
        : String.format(Locale.ROOT, "%d:%02d:%02d", hours, minutes, all % SECONDS_PER_MINUTE);
  }
}
