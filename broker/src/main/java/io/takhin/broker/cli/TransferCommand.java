package io.takhin.broker.cli;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.bucket.BucketPrefix;
import io.takhin.tiered.transfer.bucket.BucketTransfer;
import io.takhin.tiered.transfer.bucket.BucketTransferOptions;
import io.takhin.tiered.transfer.bucket.KeyFilter;
import io.takhin.tiered.transfer.bucket.TransferMode;
import io.takhin.tiered.transfer.bucket.TransferRefusedException;
import io.takhin.tiered.transfer.bucket.TransferSummary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code takhin transfer}: moves objects from bucket to bucket. */
@Command(
    name = "transfer",
    description = {
      "Copies the objects below one prefix to another bucket, prefix, region or server.",
      "",
      "Inside one service the store copies by itself; otherwise the bytes are streamed through this"
          + " machine's memory. Every object is verified at the target. What is there already is"
          + " left alone, nothing is deleted, and the same command goes on with a transfer that was"
          + " interrupted. Credentials come from the AWS default chain or from named profiles.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything is at the target and verified",
      "1:the transfer could not go on; the same command takes it up again",
      "2:the command line is wrong, or the transfer cannot be as it was asked for",
      "6:some objects were not transferred; they are named, the others are at the target",
    })
final class TransferCommand implements Runnable {
  /** Set by the launcher, which can tell whether standard output is a terminal. */
  private static final String TERMINAL_PROPERTY = "takhin.terminal";

  @Parameters(index = "0", paramLabel = "SOURCE", description = "Such as s3://bucket/prefix.")
  private String source = "";

  @Parameters(index = "1", paramLabel = "TARGET", description = "Such as s3://bucket/prefix.")
  private String target = "";

  @Mixin private TransferSides sides = new TransferSides();

  @Option(
      names = "--mode",
      description =
          "auto, direct (inside the store only) or stream (default: auto: direct where possible, and"
              + " falls back by itself).")
  private TransferMode mode = TransferMode.AUTO;

  @Option(
      names = "--workers",
      description = "Objects and parts at the same time, 1 to 256 (default: ${DEFAULT-VALUE}).")
  private int workers = BucketTransferOptions.DEFAULT_WORKERS;

  @Option(
      names = "--chunk-size",
      converter = ByteSize.class,
      paramLabel = "BYTES",
      description =
          "Parts that large objects are streamed in, 5MiB or more (default: 8MiB). Memory for"
              + " payload is chunk size times workers.")
  private long chunkSizeBytes = BucketTransferOptions.DEFAULT_CHUNK_SIZE_BYTES;

  @Option(
      names = "--bandwidth",
      converter = ByteSize.class,
      paramLabel = "BYTES/s",
      description = "Limit of what is streamed, such as 50MiB/s (default: none).")
  private long bytesPerSecond;

  @Option(
      names = "--include",
      paramLabel = "PATTERN",
      description =
          "Only objects that match, such as '*.log' or 'orders-*/**'; repeatable. A pattern without"
              + " a slash is about the last element of a key.")
  private List<String> includes = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      description = "Not those that match; repeatable.")
  private List<String> excludes = new ArrayList<>();

  @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
  private boolean dryRun;

  @Option(
      names = "--progress-file",
      paramLabel = "FILE",
      description =
          "Remembers what is done (default: a name made of source, target and patterns, here)."
              + " Removed when everything is.")
  private @Nullable Path progressFile;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    S3Address sourceAddress = S3Address.parse(source);
    S3Address targetAddress = S3Address.parse(target);
    try (ObjectStore from = sides.source(sourceAddress);
        ObjectStore to = sides.target(targetAddress)) {
      transfer(side(from, sourceAddress), side(to, targetAddress));
    } catch (TransferRefusedException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILED, "the transfer failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted", e);
    }
  }

  private static BucketPrefix side(ObjectStore store, S3Address address) {
    try {
      return new BucketPrefix(store, address.prefix());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private void transfer(BucketPrefix from, BucketPrefix to)
      throws IOException, InterruptedException {
    TransferReport report = new TransferReport(spec.commandLine().getOut(), style());
    BucketTransferOptions options = options(from, to);
    try (BucketTransfer transfer = new BucketTransfer(from, to, options)) {
      if (dryRun) {
        report.plan(transfer.plan(report::planned));
        return;
      }
      report.starts(
          from.name(), to.name(), options.progressFile().map(Path::toString).orElse("none"));
      TransferSummary summary = run(transfer, report);
      report.summary(summary);
      if (!summary.complete()) {
        throw new CommandFailure(
            ExitCode.INCOMPLETE,
            summary.objectsFailed()
                + " objects were not transferred; the same command tries them again");
      }
    }
  }

  /** Reports now and then while it runs; ends in good order when the process is asked to end. */
  private static TransferSummary run(BucketTransfer transfer, TransferReport report)
      throws IOException, InterruptedException {
    Thread ending = new Thread(transfer::close, "takhin-transfer-shutdown");
    Runtime.getRuntime().addShutdownHook(ending);
    CountDownLatch ended = new CountDownLatch(1);
    Thread reporter = new Thread(() -> report(transfer, report, ended), "takhin-transfer-report");
    reporter.setDaemon(true);
    reporter.start();
    try {
      return transfer.run();
    } finally {
      ended.countDown();
      reporter.join();
      forget(ending);
    }
  }

  private static void report(BucketTransfer transfer, TransferReport report, CountDownLatch ended) {
    try {
      while (!ended.await(report.interval().toMillis(), TimeUnit.MILLISECONDS)) {
        report.progress(transfer.progress());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook runs or has run.
    }
  }

  private BucketTransferOptions options(BucketPrefix from, BucketPrefix to) {
    try {
      KeyFilter filter = new KeyFilter(includes, excludes);
      return BucketTransferOptions.defaults()
          .withMode(mode)
          .withWorkers(workers)
          .withChunkSizeBytes(chunkSizeBytes)
          .withBytesPerSecond(bytesPerSecond)
          .withFilter(filter)
          .withProgressFile(progressFile == null ? defaultFile(from, to, filter) : progressFile);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /** The same for the same transfer, so that the same command finds it. */
  private static Path defaultFile(BucketPrefix from, BucketPrefix to, KeyFilter filter) {
    String transfer = from.name() + '\n' + to.name() + '\n' + filter;
    UUID id = UUID.nameUUIDFromBytes(transfer.getBytes(StandardCharsets.UTF_8));
    return Path.of("takhin-transfer-" + id.toString().substring(0, 8) + ".progress");
  }

  private TransferReport.Style style() {
    if (json) {
      return TransferReport.Style.JSON;
    }
    return Boolean.getBoolean(TERMINAL_PROPERTY)
        ? TransferReport.Style.TERMINAL
        : TransferReport.Style.PLAIN;
  }
}
