package io.takhin.broker.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * One line that is rewritten in place on a terminal; elsewhere a new line every few seconds, so
 * that a log stays readable. Used by one thread.
 */
final class ProgressLine {
  private static final Duration TERMINAL_INTERVAL = Duration.ofMillis(200);
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(2);

  private final PrintWriter out;
  private final boolean terminal;
  private long lastNanos = System.nanoTime() - PLAIN_INTERVAL.toNanos();

  ProgressLine(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Shows the text if the last one has stood long enough; otherwise it is not even made. */
  void show(Supplier<String> text) {
    long now = System.nanoTime();
    if (now - lastNanos >= (terminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL).toNanos()) {
      lastNanos = now;
      write(text.get(), !terminal);
    }
  }

  /** Shows the text as the last word on this step. */
  void done(String text) {
    write(text, true);
    lastNanos = System.nanoTime() - PLAIN_INTERVAL.toNanos();
  }

  private void write(String text, boolean last) {
    if (terminal) {
      out.print("\r\u001b[K"); // to the line's start, and clear it
    }
    out.print("  " + text);
    if (last) {
      out.println();
    }
    out.flush();
  }
}
