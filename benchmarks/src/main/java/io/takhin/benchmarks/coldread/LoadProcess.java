package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.transfer.JavaChild;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A {@link LoadMain} and what it is told. Used by one thread. */
final class LoadProcess implements AutoCloseable {
  private static final long ANSWER_SECONDS = 60;

  private final JavaChild child;

  private LoadProcess(JavaChild child) {
    this.child = child;
  }

  /**
   * @param log gets its standard error
   */
  static LoadProcess start(String bootstrap, Path log) throws IOException {
    return new LoadProcess(
        JavaChild.start(LoadMain.class, List.of("-Xmx256m"), List.of(bootstrap), Map.of(), log));
  }

  ProduceTimes produce(int seconds) throws IOException {
    return ProduceTimes.parse(ask("produce " + seconds));
  }

  /** See {@link BusyReaders#start}. */
  void read(String topic, int readers, long bytesPerSecond, List<Long> offsets) throws IOException {
    String starts = offsets.stream().map(Object::toString).collect(Collectors.joining(" "));
    ask(String.join(" ", "read", topic, "" + readers, "" + bytesPerSecond, starts));
  }

  /** Has threads use the processor for nothing. */
  void burn(int threads) throws IOException {
    ask("burn " + threads);
  }

  /** Ends what goes on; how many megabytes it has read in a second. */
  double stop() throws IOException {
    return Double.parseDouble(ask("stop"));
  }

  private String ask(String line) throws IOException {
    child.tell(line);
    return child.nextLine(ANSWER_SECONDS);
  }

  @Override
  public void close() {
    child.close();
  }
}
