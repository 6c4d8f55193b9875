package io.takhin.console.http;

import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The parameters of a query: those that are known, each at most once. */
public final class QueryParameters {
  /** What can be the name of a topic. */
  public static final String TOPIC_NAMES = "1 to 249 of [a-zA-Z0-9._-]";

  private final Context context;

  private QueryParameters(Context context) {
    this.context = context;
  }

  /**
   * Reads them.
   *
   * @throws ProblemException 400 if there is another one
   */
  public static QueryParameters of(Context context, Set<String> known) {
    Set<String> unknown = new TreeSet<>(context.queryParamMap().keySet());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw invalid(
          "query parameter",
          unknown.iterator().next(),
          "one of " + String.join(", ", new TreeSet<>(known)));
    }
    return new QueryParameters(context);
  }

  /**
   * One of them.
   *
   * @throws ProblemException 400 if it is given more than once
   */
  public Optional<String> text(String name) {
    List<String> values = context.queryParams(name);
    if (values.size() > 1) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "query parameter '" + name + "' is given more than once");
    }
    return values.stream().findFirst();
  }

  /**
   * One that is a number from 1 on.
   *
   * @throws ProblemException 400 if it is not
   */
  public int wholeNumber(String name, int defaultValue, int max) {
    return text(name).map(text -> wholeNumber(name, text, max)).orElse(defaultValue);
  }

  private static int wholeNumber(String name, String text, int max) {
    if (text.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= max) {
        return number;
      }
    }
    throw invalid(name, text, "1 to " + max);
  }

  /** 400 that names what is expected. */
  public static ProblemException invalid(String name, String actual, String expected) {
    return ProblemException.of(
        ProblemKind.INVALID_REQUEST,
        "invalid " + name + ": expected " + expected + ", got " + Problem.quote(actual));
  }
}
