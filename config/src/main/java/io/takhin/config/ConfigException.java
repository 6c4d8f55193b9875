package io.takhin.config;

import static java.util.stream.Collectors.joining;

import java.util.List;

/**
 * A configuration that cannot be used. The message lists every problem on a line of its own; the
 * operator corrects the configuration and starts again.
 */
public final class ConfigException extends RuntimeException {

  private final List<ConfigProblem> problems;

  /**
   * @param problems at least one, in the order in which the operator would look for them
   */
  ConfigException(List<ConfigProblem> problems) {
    super(
        problems.stream()
            .map(problem -> "\n  " + problem)
            .collect(
                joining(
                    "",
                    "the configuration cannot be used, problems found: " + problems.size(),
                    "")));
    this.problems = List.copyOf(problems);
  }

  /** Never empty. */
  public List<ConfigProblem> problems() {
    return problems;
  }
}
