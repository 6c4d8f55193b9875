package io.takhin.broker.cli;

/** What the process's exit status says; listed in {@code takhin --help}. */
enum ExitCode {
  OK(0, "success"),
  FAILED(1, "the operation was tried and failed"),
  USAGE(2, "the command line is wrong"),
  CONFIG(3, "the configuration is wrong"),
  CANNOT_START(
      4,
      "the broker cannot start: port in use, data directory locked or not writable; or a rebuild"
          + " cannot, because the data directory is not empty"),
  UNREACHABLE(5, "no console answers at the address"),
  INCOMPLETE(
      6,
      "a transfer has left objects behind, or a rebuild left out what is damaged; the output names"
          + " them"),
  DAMAGED(7, "a verification found what it did not repair; the output names it");

  private final int status;
  private final String meaning;

  ExitCode(int status, String meaning) {
    this.status = status;
    this.meaning = meaning;
  }

  int status() {
    return status;
  }

  String meaning() {
    return meaning;
  }
}
