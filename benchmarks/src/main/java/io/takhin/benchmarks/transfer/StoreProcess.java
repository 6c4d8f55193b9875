package io.takhin.benchmarks.transfer;

import io.takhin.testkit.FaultProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An S3 server in a process of its own, so that its work is not counted as that of whoever uses it:
 * a {@link Sink}, or an embedded server as {@link ProxiedServer} runs it. Used by one thread.
 */
public final class StoreProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  /** Buffers of connections, outside of the heap. */
  private static final long CONNECTIONS_MIB = 512;

  private final JavaChild child;
  private final Target target;

  private StoreProcess(JavaChild child, String name, String bucket) {
    this.child = child;
    String port = child.greeting().substring("ready ".length());
    this.target = Target.unchecked(name, URI.create("http://127.0.0.1:" + port), bucket);
  }

  /**
   * One that keeps nothing large and is no bottleneck.
   *
   * @param log gets its standard error
   */
  public static StoreProcess sink(Path log) throws IOException {
    return keeping(0, log);
  }

  /**
   * One that serves large objects from files, if these are there when the objects are written.
   *
   * @param contents the directory of the files, named by the keys
   * @param log gets its standard error
   */
  public static StoreProcess sink(Path contents, Path log) throws IOException {
    return sink(0, List.of("0", contents.toString()), log);
  }

  /**
   * One that keeps all it is sent, up to so many bytes, in memory.
   *
   * @param log gets its standard error
   */
  public static StoreProcess keeping(long keepBytes, Path log) throws IOException {
    return sink(keepBytes, List.of(Long.toString(keepBytes)), log);
  }

  private static StoreProcess sink(long keepBytes, List<String> arguments, Path log)
      throws IOException {
    long directMiB = CONNECTIONS_MIB + (keepBytes >> 20);
    List<String> small = List.of("-Xmx128m", "-XX:MaxDirectMemorySize=" + directMiB + "m");
    JavaChild child = JavaChild.start(Sink.class, small, arguments, Map.of(), log);
    return new StoreProcess(child, Target.SINK, "sink");
  }

  /**
   * The embedded S3 server behind a {@link FaultProxy}, which waits and counts.
   *
   * @param directory gets the server's files
   * @param log gets its standard error
   */
  public static StoreProcess embedded(Path directory, Path log) throws IOException {
    String server = System.getProperty(ProxiedServer.SERVER_DIR, "");
    List<String> small = List.of("-Xmx128m", "-D" + ProxiedServer.SERVER_DIR + "=" + server);
    List<String> arguments = List.of(directory.toString());
    JavaChild child = JavaChild.start(ProxiedServer.class, small, arguments, Map.of(), log);
    return new StoreProcess(child, "embedded S3", ProxiedServer.BUCKET);
  }

  public Target target() {
    return target;
  }

  /** From now on each request waits so long before it is answered; 0 for none. */
  public void delay(long millis) throws IOException {
    order("delay " + millis);
  }

  /** From now on is counted what {@link #taken} tells. A sink only. */
  public void begin() throws IOException {
    order("begin");
  }

  /** What it was asked and sent since {@link #begin}. A sink only. */
  public SinkTaken taken() throws IOException {
    child.tell("taken");
    String[] words = child.nextLine(PATIENCE_SECONDS).split(" ", -1);
    return new SinkTaken(
        Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
  }

  /** Forgets all objects. A sink only. */
  public void clear() throws IOException {
    order("clear");
  }

  private void order(String line) throws IOException {
    child.tell(line);
    String answer = child.nextLine(PATIENCE_SECONDS);
    if (!answer.equals("done")) {
      throw new IOException(
          "the store was told '" + line + "', expected 'done', got '" + answer + "'");
    }
  }

  /** What it has sent since it was started. */
  public StoreServed served() throws IOException {
    child.tell("traffic");
    String[] words = child.nextLine(PATIENCE_SECONDS).split(" ", -1);
    return new StoreServed(Long.parseLong(words[0]), Long.parseLong(words[1]));
  }

  @Override
  public void close() {
    child.close();
  }
}
