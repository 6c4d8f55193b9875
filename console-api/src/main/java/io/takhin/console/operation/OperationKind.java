package io.takhin.console.operation;

import java.util.Locale;

/** What can be asked for. */
enum OperationKind {
  ARCHIVE,
  RESTORE,
  UNDELETE,
  POLICY_RUN,
  SWEEP,
  VERIFY;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
