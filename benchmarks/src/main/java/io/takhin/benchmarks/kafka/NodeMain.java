package io.takhin.benchmarks.kafka;

import java.io.IOException;

/**
 * Runs Kafka's own {@code main} until standard input ends, so that a node does not outlive who
 * started it, however that ends. The node is shut down in good order then.
 */
final class NodeMain {
  private NodeMain() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    Thread watch = new Thread(NodeMain::awaitEnd, "benchmark-node-watch");
    watch.setDaemon(true);
    watch.start();
    // By name: the release is the node's, of which nothing is on the class path of this module.
    Class.forName("kafka.Kafka").getMethod("main", String[].class).invoke(null, (Object) args);
  }

  private static void awaitEnd() {
    try {
      int unused = System.in.read();
    } catch (IOException e) {
      System.err.println("standard input failed: " + e);
    }
    Runtime.getRuntime().exit(0);
  }
}
