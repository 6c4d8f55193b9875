package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Contender.Item;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A contender on a JVM of its own, warm from one transfer to the next. */
final class JvmRunner implements Runner {
  private static final long TIMEOUT_SECONDS = 1_800;

  private final String name;
  private final JavaChild child;

  private JvmRunner(String name, JavaChild child) {
    this.name = name;
    this.child = child;
  }

  static JvmRunner start(String name, Target target, List<String> jvmOptions, Path log)
      throws IOException {
    List<String> arguments =
        List.of(name, target.endpoint().toString(), target.bucket(), target.region());
    return new JvmRunner(
        name,
        JavaChild.start(ContenderMain.class, jvmOptions, arguments, target.environment(), log));
  }

  @Override
  public String name() {
    return name;
  }

  JavaChild child() {
    return child;
  }

  @Override
  public boolean warmsUp() {
    return true;
  }

  @Override
  public Sample move(Direction direction, DataSet data, String prefix, Path directory)
      throws IOException {
    List<Item> items = data.items(prefix, directory);
    ProcFs.resetPeak(child.pid());
    child.tell(task(direction, items));
    String[] answer = answer(child.nextLine(TIMEOUT_SECONDS));
    long nanos = Long.parseLong(answer[1]);
    long forcedNanos = direction == Direction.UPLOAD ? 0 : force(items);
    return new Sample(
        nanos, nanos + forcedNanos, Long.parseLong(answer[2]), ProcFs.peakRssBytes(child.pid()));
  }

  static String task(Direction direction, List<Item> items) {
    StringBuilder task = new StringBuilder(direction == Direction.UPLOAD ? "upload" : "download");
    for (Item item : items) {
      task.append('\t').append(item.key()).append('\t').append(item.file());
    }
    return task.toString();
  }

  /** The words of an answer that says that the task is done. */
  static String[] answer(String line) throws IOException {
    String[] words = line.split("\t", -1);
    if (!words[0].equals("done")) {
      throw new IOException(words.length > 1 ? words[1] : line);
    }
    return words;
  }

  /** How long it takes until the files are on disk; next to nothing if they are there already. */
  static long force(List<Item> items) throws IOException {
    long beganNanos = System.nanoTime();
    for (Item item : items) {
      try (FileChannel file = FileChannel.open(item.file(), StandardOpenOption.WRITE)) {
        file.force(true);
      }
    }
    return System.nanoTime() - beganNanos;
  }

  @Override
  public void close() {
    child.close();
  }
}
