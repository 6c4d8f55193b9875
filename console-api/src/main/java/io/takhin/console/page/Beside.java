package io.takhin.console.page;

import java.util.Locale;

/** What a console runs beside; the page shows the sections of it. */
public enum Beside {
  /** An engine with a catalog of its segments, or none where tiered storage is off. */
  ARCHIVER,
  /** A broker with its own record of remote segments. */
  REMOTE_STORAGE;

  /** As REST has it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
