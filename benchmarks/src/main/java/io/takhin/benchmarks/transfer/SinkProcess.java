package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A {@link Sink} in a process of its own, so that its work is not counted as the contenders'. */
public final class SinkProcess implements AutoCloseable {
  private static final String BUCKET = "sink";

  /** Buffers of connections, outside of the heap. */
  private static final long CONNECTIONS_MIB = 512;

  private static final long PATIENCE_SECONDS = 10;

  private final JavaChild child;

  private SinkProcess(JavaChild child) {
    this.child = child;
  }

  public static SinkProcess start(Path log) throws IOException {
    return keeping(0, log);
  }

  /** One that keeps all it is sent, up to so many bytes, in memory; 0 for small objects only. */
  public static SinkProcess keeping(long keepBytes, Path log) throws IOException {
    long directMiB = CONNECTIONS_MIB + (keepBytes >> 20);
    List<String> small = List.of("-Xmx128m", "-XX:MaxDirectMemorySize=" + directMiB + "m");
    List<String> arguments = List.of(Long.toString(keepBytes));
    return new SinkProcess(JavaChild.start(Sink.class, small, arguments, Map.of(), log));
  }

  public Target target() {
    String port = child.greeting().substring("ready ".length());
    return Target.unchecked(Target.SINK, URI.create("http://127.0.0.1:" + port), BUCKET);
  }

  /** From now on each request waits so long before it is answered; 0 for none. */
  public void delay(long millis) throws IOException {
    order("delay " + millis);
  }

  /** From now on is counted what {@link #taken} tells. */
  public void begin() throws IOException {
    order("begin");
  }

  /** What it was asked and sent since {@link #begin}. */
  public SinkTaken taken() throws IOException {
    child.tell("taken");
    String[] words = child.nextLine(PATIENCE_SECONDS).split(" ", -1);
    return new SinkTaken(
        Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
  }

  /** Forgets all objects. */
  public void clear() throws IOException {
    order("clear");
  }

  private void order(String line) throws IOException {
    child.tell(line);
    String answer = child.nextLine(PATIENCE_SECONDS);
    if (!answer.equals("done")) {
      throw new IOException(
          "the sink was told '" + line + "', expected 'done', got '" + answer + "'");
    }
  }

  /** What it has sent since it was started. */
  public SinkServed served() throws IOException {
    child.tell("traffic");
    String[] words = child.nextLine(PATIENCE_SECONDS).split(" ", -1);
    return new SinkServed(Long.parseLong(words[0]), Long.parseLong(words[1]));
  }

  @Override
  public void close() {
    child.close();
  }
}
