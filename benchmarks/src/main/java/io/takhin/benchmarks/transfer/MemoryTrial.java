package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Contender.Item;
import io.takhin.benchmarks.transfer.Runner.Direction;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What our library needs of memory, in a JVM with a heap of 128 MiB, against the sink. */
final class MemoryTrial {
  private static final List<String> SMALL_HEAP = List.of("-Xmx128m");
  private static final String PREFIX = "memory/";
  private static final long LOOK_SECONDS = 1;
  private static final long PATIENCE_SECONDS = 3_600;

  private final Target sink;
  private final Workspace workspace;

  MemoryTrial(Target sink, Workspace workspace) {
    this.sink = sink;
    this.workspace = workspace;
  }

  /** Each way once, in a fresh process each. */
  List<Result> together(DataSet data) throws IOException {
    List<Result> results = new ArrayList<>();
    for (Direction direction : Direction.values()) {
      Path directory =
          direction == Direction.UPLOAD ? data.directory() : workspace.newDirectory("download-");
      List<Sample> samples = new ArrayList<>();
      String note = "in -Xmx128m, " + data.count() + " at a time";
      try (JvmRunner own = start()) {
        samples.add(own.move(direction, data, PREFIX, directory));
        if (direction == Direction.DOWNLOAD) {
          for (Item item : data.items("", directory)) {
            Race.requirePattern(item.file(), data.fileBytes());
          }
        }
      } catch (IOException e) {
        samples.clear();
        note += ", failed: " + e.getMessage();
      } finally {
        if (direction == Direction.DOWNLOAD) {
          Workspace.remove(directory);
        }
      }
      results.add(new Result(Target.SINK, direction, data, OwnContender.NAME, samples, note));
    }
    return results;
  }

  /**
   * Uploads a file of which nothing is on disk, and looks at the memory on the way. How far it has
   * come is what the process has read, which also tells that it read the file once.
   */
  List<Result> sparse(int sizeGiB) throws IOException {
    Path directory = Files.createDirectory(workspace.file("sparse"));
    DataSet data =
        new DataSet("1 × " + sizeGiB + " GiB, sparse", directory, 1, (long) sizeGiB << 30);
    Item item = data.items(PREFIX, directory).get(0);
    try (RandomAccessFile file = new RandomAccessFile(item.file().toFile(), "rw")) {
      file.setLength(data.fileBytes());
    }
    List<Sample> samples = new ArrayList<>();
    String note;
    try (JvmRunner own = start()) {
      JavaChild child = own.child();
      StringBuilder marks = new StringBuilder("in -Xmx128m, RSS MiB");
      List<Integer> left = new ArrayList<>(List.of(1, 10, 100));
      left.removeIf(mark -> mark >= sizeGiB);
      child.tell(JvmRunner.task(Direction.UPLOAD, List.of(item)));
      long deadlineNanos = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000;
      @Nullable String answer = child.awaitLine(LOOK_SECONDS);
      while (answer == null && System.nanoTime() < deadlineNanos) {
        while (!left.isEmpty() && ProcFs.readBytes(child.pid()) >= (long) left.get(0) << 30) {
          marks.append(mark(left.remove(0), child.pid()));
        }
        answer = child.awaitLine(LOOK_SECONDS);
      }
      if (answer == null) {
        throw new IOException("not done within " + PATIENCE_SECONDS + " s");
      }
      String[] words = JvmRunner.answer(answer);
      marks.append(mark(sizeGiB, child.pid()));
      double read = ProcFs.readBytes(child.pid()) / (double) data.fileBytes();
      long nanos = Long.parseLong(words[1]);
      long cpuNanos = Long.parseLong(words[2]);
      samples.add(new Sample(nanos, nanos, cpuNanos, ProcFs.peakRssBytes(child.pid())));
      note = marks + String.format(Locale.ROOT, "; read %.2f times", read);
    } catch (IOException e) {
      note = "failed: " + e.getMessage();
    }
    return List.of(
        new Result(Target.SINK, Direction.UPLOAD, data, OwnContender.NAME, samples, note));
  }

  private JvmRunner start() throws IOException {
    Path log = workspace.file("memory.log");
    return JvmRunner.start(OwnContender.NAME, sink, SMALL_HEAP, log);
  }

  private static String mark(int gib, long pid) throws IOException {
    return String.format(
        Locale.ROOT, ", at %d GiB: %d", gib, Math.round(ProcFs.rssBytes(pid) / 1048576.0));
  }
}
