package io.takhin.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Says which requests of a {@link FaultProxy} are struck, and ends with what happens to them. Begun
 * by {@link FaultProxy#on}; by default every matching request is struck, until the fault is
 * released.
 */
public final class ProxyRule {
  private final FaultList<ProxyRequest, ProxyEffect> faults;
  private final Set<S3Operation> operations;
  private final Duration longestHang;
  private Predicate<String> targets = target -> true;
  private int skip;
  private int times = Integer.MAX_VALUE;

  ProxyRule(
      FaultList<ProxyRequest, ProxyEffect> faults,
      Set<S3Operation> operations,
      Duration longestHang) {
    this.faults = faults;
    this.operations = operations;
    this.longestHang = longestHang;
  }

  /** Strikes only requests whose target, path and query as sent, satisfies the predicate. */
  public ProxyRule targets(Predicate<String> predicate) {
    targets = predicate;
    return this;
  }

  /** Lets the first matching requests pass. */
  public ProxyRule skip(int requests) {
    skip = requests;
    return this;
  }

  /** Strikes no more than so many requests. */
  public ProxyRule times(int requests) {
    times = requests;
    return this;
  }

  /** Waits before the request is passed on. */
  public Fault latency(Duration latency) {
    return arm(
        "latency of " + latency,
        fault ->
            new ProxyEffect() {
              @Override
              public void before() throws IOException {
                fault.strike();
                await(fault, latency);
              }
            });
  }

  /** Answers 503 SlowDown in place of the server. */
  public Fault slowDown() {
    return refuse(503, "Slow Down", "SlowDown");
  }

  /**
   * Answers with an error in place of the server.
   *
   * @param code the S3 error code, such as {@code AccessDenied}
   */
  public Fault refuse(int status, String reason, String code) {
    return arm(
        "answer " + status + " " + code,
        fault ->
            new ProxyEffect() {
              @Override
              public Optional<Refusal> refusal() {
                fault.strike();
                return Optional.of(new Refusal(status, reason, code));
              }
            });
  }

  /** Resets the connection before anything is passed on: the request was certainly not done. */
  public Fault reset() {
    return arm(
        "reset",
        fault ->
            new ProxyEffect() {
              @Override
              public void before() throws IOException {
                fault.strike();
                throw new ConnectionEnded(fault.toString(), true);
              }
            });
  }

  /** Resets the connection once the server has answered: the client cannot know what happened. */
  public Fault loseResponse() {
    return arm(
        "lose the response",
        fault ->
            new ProxyEffect() {
              @Override
              public void answered() throws IOException {
                fault.strike();
                throw new ConnectionEnded(fault.toString(), true);
              }
            });
  }

  /**
   * Stops passing the request's body on after so many bytes, until {@link Fault#release()} or the
   * proxy's longest hang, after which the connection ends.
   */
  public Fault hangUpload(long afterBytes) {
    return arm(
        "hang after " + afterBytes + " bytes up",
        fault ->
            new ProxyEffect() {
              @Override
              public Gate requestGate(Gate gate) {
                return stopping(gate, afterBytes, () -> hang(fault));
              }
            });
  }

  /** As {@link #hangUpload}, in the body of the response. */
  public Fault hangDownload(long afterBytes) {
    return arm(
        "hang after " + afterBytes + " bytes down",
        fault ->
            new ProxyEffect() {
              @Override
              public Gate responseGate(Gate gate) {
                return stopping(gate, afterBytes, () -> hang(fault));
              }
            });
  }

  /** Ends the connection in good order after so many bytes of the response's body. */
  public Fault truncate(long afterBytes) {
    return arm(
        "truncate after " + afterBytes + " bytes",
        fault ->
            new ProxyEffect() {
              @Override
              public Gate responseGate(Gate gate) {
                return stopping(
                    gate,
                    afterBytes,
                    () -> {
                      fault.strike();
                      throw new ConnectionEnded(fault.toString(), false);
                    });
              }
            });
  }

  private Fault arm(String what, Function<Fault, ProxyEffect> effect) {
    Fault fault = new Fault(what + " on " + operations, skip, times);
    Predicate<String> chosenTargets = targets;
    faults.add(
        fault,
        request ->
            operations.contains(request.operation()) && chosenTargets.test(request.head().target()),
        effect.apply(fault));
    return fault;
  }

  /** Lets bytes pass up to a position, sends them off, and runs the stop before the rest. */
  private static Gate stopping(Gate gate, long stopBytes, Stop stop) {
    return (positionBytes, buffer, count, out) -> {
      boolean reached = positionBytes <= stopBytes && positionBytes + count > stopBytes;
      if (!reached) {
        gate.pass(positionBytes, buffer, count, out);
        return;
      }
      int before = (int) (stopBytes - positionBytes);
      passPart(gate, positionBytes, buffer, 0, before, out);
      out.flush();
      stop.run();
      passPart(gate, stopBytes, buffer, before, count - before, out);
    };
  }

  private static void passPart(
      Gate gate, long positionBytes, byte[] buffer, int from, int count, OutputStream out)
      throws IOException {
    byte[] part = new byte[count];
    System.arraycopy(buffer, from, part, 0, count);
    gate.pass(positionBytes, part, count, out);
  }

  private void hang(Fault fault) throws IOException {
    fault.strike();
    if (!await(fault, longestHang)) {
      throw new ConnectionEnded("never released: " + fault, true);
    }
  }

  private static boolean await(Fault fault, Duration atMost) throws IOException {
    try {
      return fault.awaitRelease(atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + fault, e);
    }
  }

  @FunctionalInterface
  private interface Stop {
    void run() throws IOException;
  }
}
