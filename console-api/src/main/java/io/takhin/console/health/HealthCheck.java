package io.takhin.console.health;

import java.util.function.Supplier;

/** One thing that has to work for the process to be ready. */
public interface HealthCheck {
  /** A short name, unique among the checks. */
  String name();

  /**
   * Looks. Called by request threads, by several at the same time, and often: it tells what is
   * known already and waits for nothing. An exception counts as down.
   */
  Result check();

  /** A check that always runs the given look. */
  static HealthCheck named(String name, Supplier<Result> look) {
    return new HealthCheck() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Result check() {
        return look.get();
      }
    };
  }

  /** What a check found. */
  enum Status {
    /** It works. */
    UP,
    /** Part of it does not work, and requests are served all the same. */
    DEGRADED,
    /** It does not work: send requests elsewhere. */
    DOWN
  }

  /**
   * What was found, and a sentence for the operator.
   *
   * @param detail holds no secrets
   */
  record Result(Status status, String detail) {
    public static Result up(String detail) {
      return new Result(Status.UP, detail);
    }

    public static Result degraded(String detail) {
      return new Result(Status.DEGRADED, detail);
    }

    public static Result down(String detail) {
      return new Result(Status.DOWN, detail);
    }
  }
}
