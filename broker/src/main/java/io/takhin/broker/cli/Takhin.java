package io.takhin.broker.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program's entry: parses the command line, runs the command, and ends with its exit code. */
@Command(
    name = "takhin",
    mixinStandardHelpOptions = true,
    versionProvider = Takhin.Version.class,
    description = "A log broker that moves its sealed segments to S3 and reads them back.",
    exitCodeListHeading = "%nExit codes:%n",
    subcommands = {
      StartCommand.class,
      DemoCommand.class,
      StatsCommand.class,
      SegmentsCommand.class,
      MoveCommands.Archive.class,
      MoveCommands.Restore.class,
      TransfersCommand.class,
      LimitsCommand.class,
      QuarantineCommand.class,
      WriterCommand.class,
      DiskCommand.class,
      SweepCommand.class,
      HoldsCommand.class,
      UndeleteCommand.class,
      HealthCommand.class,
      TransferCommand.class,
      VerifyCommand.class,
      RebuildCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Takhin {
  private Takhin() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Takhin());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    Map<String, String> exitCodes = new LinkedHashMap<>();
    for (ExitCode code : ExitCode.values()) {
      exitCodes.put(Integer.toString(code.status()), code.meaning());
    }
    commandLine.getCommandSpec().usageMessage().exitCodeList(exitCodes);
    commandLine.getSubcommands().values().forEach(Takhin::addHelp);
    commandLine.setParameterExceptionHandler(Takhin::usageError);
    commandLine.setExecutionExceptionHandler(Takhin::failure);
    return commandLine;
  }

  private static void addHelp(CommandLine subcommand) {
    if (!subcommand.getCommandName().equals("help")) {
      subcommand.getCommandSpec().mixinStandardHelpOptions(true);
    }
  }

  private static int usageError(ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("takhin: " + e.getMessage());
    err.println("See '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCode.USAGE.status();
  }

  /**
   * An understood failure shows its message; anything else is a defect and shows where it arose.
   */
  private static int failure(Exception e, CommandLine commandLine, ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (e instanceof CommandFailure failure) {
      err.println("takhin: " + failure.getMessage());
      err.flush();
      return failure.exitCode().status();
    }
    err.println(
        "takhin: unexpected failure of " + Arrays.toString(parsed.originalArgs().toArray()));
    e.printStackTrace(err);
    err.flush();
    return ExitCode.FAILED.status();
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Takhin.class.getPackage().getImplementationVersion();
      return new String[] {"takhin " + (version == null ? "(built in place)" : version)};
    }
  }
}
