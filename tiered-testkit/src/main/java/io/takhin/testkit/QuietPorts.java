package io.takhin.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that are told theirs before they start, or that come back at the one they had.
 * Others lie in the range from which a system gives ports to whoever asks for any and to outgoing
 * connections (from 32768 on Linux, and higher elsewhere): there, a port that nobody listens on for
 * a second may be somebody else's by then.
 */
public final class QuietPorts {
  private static final int FIRST = 20_000;
  private static final int COUNT = 12_000;
  private static final int ATTEMPTS = 100;

  private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

  private QuietPorts() {}

  /**
   * A port of the loopback address that nobody uses now, and that is given once in a JVM. Chosen at
   * random, so that tests in other JVMs hardly get the same.
   */
  public static int take() throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = FIRST + ThreadLocalRandom.current().nextInt(COUNT);
      if (TAKEN.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IOException(
        "no free port found: expected one of " + FIRST + " to " + (FIRST + COUNT - 1));
  }

  private static boolean isFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (BindException e) {
      return false;
    }
  }
}
