package io.takhin.console.health;

import java.util.List;

/**
 * The answer of {@code /health/ready}.
 *
 * @param status {@code ready}, {@code degraded} (still served) or {@code not_ready}
 */
record Readiness(String status, List<Check> checks) {
  /**
   * @param status {@code up}, {@code degraded} or {@code down}
   */
  record Check(String name, String status, String detail) {}
}
