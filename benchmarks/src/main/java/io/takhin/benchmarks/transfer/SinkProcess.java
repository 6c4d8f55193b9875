package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A {@link Sink} in a process of its own, so that its work is not counted as the contenders'. */
public final class SinkProcess implements AutoCloseable {
  private static final String BUCKET = "sink";

  private static final long PATIENCE_SECONDS = 10;

  private final JavaChild child;

  private SinkProcess(JavaChild child) {
    this.child = child;
  }

  public static SinkProcess start(Path log) throws IOException {
    List<String> small = List.of("-Xmx128m", "-XX:MaxDirectMemorySize=512m");
    return new SinkProcess(JavaChild.start(Sink.class, small, List.of(), Map.of(), log));
  }

  public Target target() {
    String port = child.greeting().substring("ready ".length());
    return Target.unchecked(Target.SINK, URI.create("http://127.0.0.1:" + port), BUCKET);
  }

  /** From now on each request waits so long before it is answered; 0 for none. */
  public void delay(long millis) throws IOException {
    child.tell("delay " + millis);
    String answer = child.nextLine(PATIENCE_SECONDS);
    if (!answer.equals("done")) {
      throw new IOException("the sink was told to wait, expected 'done', got '" + answer + "'");
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
