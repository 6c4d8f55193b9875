package io.takhin.config;

import static java.util.Objects.requireNonNull;

/**
 * One thing that is wrong with a configuration.
 *
 * @param origin where it was written: {@code <file>:<line>}, {@code environment}, {@code override}
 *     or {@code default}
 * @param name the key or variable as written; empty when the problem is the whole file
 * @param detail what was expected, and what was found instead
 */
public record ConfigProblem(String origin, String name, String detail) {

  private static final int MAX_QUOTE_LENGTH = 120;

  public ConfigProblem {
    requireNonNull(origin, "origin");
    requireNonNull(name, "name");
    requireNonNull(detail, "detail");
  }

  static ConfigProblem badValue(String origin, String name, ValueType<?> type, String text) {
    return new ConfigProblem(origin, name, "expected " + type.accepts() + ", got " + quote(text));
  }

  /** On one line, of bounded length, and without the user information of a URL. */
  private static String quote(String text) {
    String shown = text.replaceAll("//[^/@]*@", "//***@").replaceAll("\\p{Cntrl}", "?");
    return shown.length() <= MAX_QUOTE_LENGTH
        ? '"' + shown + '"'
        : '"' + shown.substring(0, MAX_QUOTE_LENGTH) + "…\" (" + text.length() + " characters)";
  }

  /** One line for the operator. */
  @Override
  public String toString() {
    return name.isEmpty() ? origin + ": " + detail : origin + ": " + name + ": " + detail;
  }
}
