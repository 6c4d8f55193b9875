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
import picocli.CommandLine.Spec;

/** {@code takhin limits}: shows them, and changes those that are given. */
@Command(
    name = "limits",
    description = "Shows or changes how fast a running broker's transfers may go, all together.")
final class LimitsCommand implements Runnable {
  private static final String PATH = "/api/v1/tiered/limits";
  private static final String UPLOAD = "upload_bytes_per_second";
  private static final String DOWNLOAD = "download_bytes_per_second";

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Option(
      names = "--upload",
      converter = ByteSize.class,
      paramLabel = "BYTES/s",
      description = "New limit of uploads, such as 50MiB/s; 0 for none.")
  private @Nullable Long uploadBytesPerSecond;

  @Option(
      names = "--download",
      converter = ByteSize.class,
      paramLabel = "BYTES/s",
      description = "New limit of downloads; 0 for none.")
  private @Nullable Long downloadBytesPerSecond;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Long> wanted = new LinkedHashMap<>();
    if (uploadBytesPerSecond != null) {
      wanted.put(UPLOAD, uploadBytesPerSecond);
    }
    if (downloadBytesPerSecond != null) {
      wanted.put(DOWNLOAD, downloadBytesPerSecond);
    }
    ConsoleClient client = console.client();
    JsonNode limits = wanted.isEmpty() ? client.get(PATH) : client.put(PATH, wanted);
    console.print(out, limits, answer -> table(out, answer));
  }

  private static void table(PrintWriter out, JsonNode limits) {
    new TextTable("DIRECTION", "LIMIT")
        .row("upload", limit(limits.path(UPLOAD).asLong()))
        .row("download", limit(limits.path(DOWNLOAD).asLong()))
        .print(out);
  }

  private static String limit(long bytesPerSecond) {
    return bytesPerSecond == 0 ? "none" : TextTable.bytes(bytesPerSecond) + "/s";
  }
}
