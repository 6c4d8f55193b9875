package io.takhin.broker;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A broker as a process of its own, for tests that kill it: prints {@code port=<n>} when it serves,
 * and stops cleanly when it is asked to end.
 */
final class BrokerProcess {
  private BrokerProcess() {}

  /**
   * Runs until it is asked to end.
   *
   * @param args the data directory, the port, and the default segment size in bytes
   */
  public static void main(String[] args) throws Exception {
    Broker broker =
        Broker.start(
            TestOptions.of(Path.of(args[0]))
                .port(Integer.parseInt(args[1]))
                .segmentBytes(Integer.parseInt(args[2]))
                .build());
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    broker.close();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  } finally {
                    stopped.countDown();
                  }
                }));
    System.out.println("port=" + broker.port());
    stopped.await();
  }
}
