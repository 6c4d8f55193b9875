package io.takhin.console.operation;

import java.util.Locale;

/** What can be asked for. */
enum OperationKind {
  ARCHIVE,
  RESTORE,
  POLICY_RUN;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
