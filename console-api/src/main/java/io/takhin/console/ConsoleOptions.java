package io.takhin.console;

import java.time.Duration;

/**
 * Where the console listens and how much it takes on at once. Everything that can grow has a bound
 * here.
 *
 * @param host address to bind; the default is loopback, because the console asks nobody for a
 *     password
 * @param port 0 takes a free one, see {@link ConsoleServer#uri()}
 * @param maxRequestBytes largest request body; above it the answer is 413
 * @param maxConnections open connections; further ones wait in the system's accept queue
 * @param maxThreads threads that serve requests; a request that waits for the engine holds none
 * @param maxWaitingRequests requests that wait for an operation to end; above it the answer is 429
 * @param maxRunningOperations operations that have not ended; above it the answer is 429
 * @param maxKeptOperations ended operations that can still be looked up; the oldest goes first
 * @param maxWait how long a request waits for its operation before it is answered 202 with the
 *     operation's id
 */
public record ConsoleOptions(
    String host,
    int port,
    int maxRequestBytes,
    int maxConnections,
    int maxThreads,
    int maxWaitingRequests,
    int maxRunningOperations,
    int maxKeptOperations,
    Duration maxWait) {
  private static final int MAX_PORT = 65_535;
  private static final int MIN_THREADS = 8;

  public ConsoleOptions {
    if (host.isBlank()) {
      throw invalid("host", host, "an address or host name");
    }
    if (port < 0 || port > MAX_PORT) {
      throw invalid("port", port, "0 to " + MAX_PORT);
    }
    if (maxThreads < MIN_THREADS) {
      throw invalid("maxThreads", maxThreads, MIN_THREADS + " or more");
    }
    atLeastOne("maxRequestBytes", maxRequestBytes);
    atLeastOne("maxConnections", maxConnections);
    atLeastOne("maxWaitingRequests", maxWaitingRequests);
    atLeastOne("maxRunningOperations", maxRunningOperations);
    atLeastOne("maxKeptOperations", maxKeptOperations);
    if (maxWait.isNegative() || maxWait.isZero()) {
      throw invalid("maxWait", maxWait, "a positive duration");
    }
  }

  /** Loopback on port 8080, 64 KiB bodies, 256 connections, and a wait of at most ten minutes. */
  public static ConsoleOptions defaults() {
    return new ConsoleOptions(
        "127.0.0.1", 8080, 64 * 1024, 256, 16, 64, 1_000, 1_000, Duration.ofMinutes(10));
  }

  public ConsoleOptions withAddress(String newHost, int newPort) {
    return new ConsoleOptions(
        newHost,
        newPort,
        maxRequestBytes,
        maxConnections,
        maxThreads,
        maxWaitingRequests,
        maxRunningOperations,
        maxKeptOperations,
        maxWait);
  }

  public ConsoleOptions withMaxRequestBytes(int bytes) {
    return new ConsoleOptions(
        host,
        port,
        bytes,
        maxConnections,
        maxThreads,
        maxWaitingRequests,
        maxRunningOperations,
        maxKeptOperations,
        maxWait);
  }

  /** Bounds what waits, runs and is remembered of operations. */
  public ConsoleOptions withOperations(int waiting, int running, int kept, Duration wait) {
    return new ConsoleOptions(
        host, port, maxRequestBytes, maxConnections, maxThreads, waiting, running, kept, wait);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw invalid(name, value, "1 or more");
    }
  }

  private static IllegalArgumentException invalid(String name, Object actual, String expected) {
    return new IllegalArgumentException(
        "invalid console option " + name + ": expected " + expected + ", got '" + actual + "'");
  }
}
