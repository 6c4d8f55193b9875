package io.takhin.kafka.node;

import java.io.IOException;
import java.io.PrintStream;

/**
 * The main class of a node's JVM, which knows Kafka by reflection only: formats the storage unless
 * that was done, then runs the node. Whoever started the JVM holds its standard input; when that
 * ends, in whatever way, so does the node.
 */
final class NodeMain {
  private static final long STOP_MILLIS = 40_000;

  private NodeMain() {}

  /**
   * Runs until the node is told to stop.
   *
   * @param arguments the cluster's id and the file of the node's settings
   */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Thread watch = new Thread(NodeMain::endWithWhoStartedIt, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    String[] format = {"format", "--ignore-formatted", "-t", arguments[0], "-c", arguments[1]};
    Object status =
        Class.forName("kafka.tools.StorageTool")
            .getMethod("execute", String[].class, PrintStream.class)
            .invoke(null, format, System.out);
    if (!status.equals(0)) {
      throw new IllegalStateException("the storage was not formatted: status=" + status);
    }
    Object unused =
        Class.forName("kafka.Kafka")
            .getMethod("main", String[].class)
            .invoke(null, (Object) new String[] {arguments[1]});
  }

  /** In good order if it can be, as on being told to stop, which closes the pipe as well. */
  private static void endWithWhoStartedIt() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever sent.
      }
      Thread stop = new Thread(() -> System.exit(1), "parent-ended");
      stop.setDaemon(true);
      stop.start();
      stop.join(STOP_MILLIS);
    } catch (IOException | InterruptedException e) {
      System.err.println("parent_watch_ended problem=" + e);
    }
    Runtime.getRuntime().halt(1);
  }
}
