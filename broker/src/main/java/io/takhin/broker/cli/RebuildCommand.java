package io.takhin.broker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.broker.server.BrokerRebuild;
import io.takhin.broker.server.BrokerRebuild.Scope;
import io.takhin.broker.server.StartException;
import io.takhin.config.TakhinConfig;
import io.takhin.tiered.rebuild.RebuildReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin rebuild}: offline, with the configuration the broker has. */
@Command(
    name = "rebuild",
    description = {
      "Makes the catalog, the topics and their partitions from what the bucket holds, on an empty"
          + " data directory, while no broker runs. Nothing in the bucket is changed.",
      "",
      "With a damaged catalog and good local logs: move .catalog/segments.db away, with its -wal"
          + " and -shm, and use --catalog-only. Local segments that the bucket holds, too, are then"
          + " compared with it when their time to be archived comes, and not uploaded again."
    })
final class RebuildCommand implements Callable<Integer> {
  private static final int MAX_PARALLELISM = 256;

  @Mixin private ConfigOptions configuration = new ConfigOptions();

  @Option(
      names = "--dry-run",
      description = "Only tell what would come back, and what is wrong with it.")
  private boolean dryRun;

  @Option(
      names = "--catalog-only",
      description = "Rebuild the catalog alone, beside the logs that are here.")
  private boolean catalogOnly;

  @Option(
      names = "--parallelism",
      defaultValue = "32",
      paramLabel = "N",
      description = "Manifests read at the same time (default: ${DEFAULT-VALUE}).")
  private int parallelism = 32;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (parallelism < 1 || parallelism > MAX_PARALLELISM) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "expected --parallelism of 1 to " + MAX_PARALLELISM + ", got " + parallelism);
    }
    TakhinConfig config = configuration.load();
    long startedNanos = System.nanoTime();
    RebuildReport report = rebuild(config);
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    PrintWriter out = spec.commandLine().getOut();
    RebuildText text = new RebuildText(report, dryRun, catalogOnly, seconds);
    if (json) {
      out.println(toJson(text));
    } else {
      text.print(out);
    }
    out.flush();
    return (report.damageCount() > 0 ? ExitCode.INCOMPLETE : ExitCode.OK).status();
  }

  private RebuildReport rebuild(TakhinConfig config) {
    Scope scope = catalogOnly ? Scope.CATALOG : Scope.WHOLE;
    try {
      return BrokerRebuild.run(config, scope, dryRun, parallelism);
    } catch (StartException e) {
      throw new CommandFailure(ExitCode.CANNOT_START, "cannot rebuild: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "not rebuilt, repeat it when this is mended: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted; repeat it", e);
    }
  }

  private static String toJson(RebuildText text) {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(text.toJson());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report of text and numbers cannot be written", e);
    }
  }
}
