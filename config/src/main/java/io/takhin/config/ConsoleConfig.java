package io.takhin.config;

import static java.util.Objects.requireNonNull;

/**
 * The console: REST, metrics, health and the web page.
 *
 * @param enabled whether it is served at all
 * @param host address it listens on
 * @param port port it listens on; 0 takes a free one
 * @param maxRequestBytes largest request body it reads
 */
public record ConsoleConfig(boolean enabled, String host, int port, long maxRequestBytes) {

  public ConsoleConfig {
    requireNonNull(host, "host");
  }
}
