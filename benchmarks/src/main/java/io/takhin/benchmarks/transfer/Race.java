package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Contender.Item;
import io.takhin.benchmarks.transfer.Runner.Direction;
import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs contenders by turns, so that whatever the machine does besides hits all of them alike. Each
 * transfer is checked, outside of its time: an upload by size, a download by checksum. A contender
 * that fails is out of this race, with the reason.
 */
final class Race {
  private static final int CHECK_BYTES = 8 << 20;

  private final Target target;
  private final Bucket bucket;
  private final Workspace workspace;
  private final String prefix;
  private final int warmUps;
  private final int rounds;

  /**
   * @param prefix of everything in the bucket; ends with a slash
   * @param warmUps rounds before those that count, for contenders that get faster by them
   */
  Race(Target target, Bucket bucket, Workspace workspace, String prefix, int warmUps, int rounds) {
    this.target = target;
    this.bucket = bucket;
    this.workspace = workspace;
    this.prefix = prefix;
    this.warmUps = warmUps;
    this.rounds = rounds;
  }

  /**
   * Both ways, uploads first.
   *
   * @param source uploads what is then downloaded by all
   */
  List<Result> run(DataSet data, List<Runner> runners, Runner source) throws IOException {
    List<Result> results = new ArrayList<>(race(Direction.UPLOAD, data, runners, prefix));
    String objects = prefix + "source/";
    try {
      source.move(Direction.UPLOAD, data, objects, data.directory());
      results.addAll(race(Direction.DOWNLOAD, data, runners, objects));
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      String reason = "no download: the upload of what was to be downloaded failed: " + reason(e);
      results.add(result(Direction.DOWNLOAD, data, source, List.of(), reason));
    }
    bucket.remove(objects);
    return results;
  }

  private List<Result> race(Direction direction, DataSet data, List<Runner> runners, String objects)
      throws IOException {
    Map<Runner, List<Sample>> samples = new LinkedHashMap<>();
    Map<Runner, String> failures = new LinkedHashMap<>();
    runners.forEach(runner -> samples.put(runner, new ArrayList<>()));
    for (int round = -warmUps; round < rounds; round++) {
      for (int i = 0; i < runners.size(); i++) {
        Runner runner = runners.get(Math.floorMod(i + round, runners.size()));
        if (failures.containsKey(runner) || (round < 0 && !runner.warmsUp())) {
          continue;
        }
        try {
          Sample sample =
              direction == Direction.UPLOAD
                  ? upload(runner, data)
                  : download(runner, data, objects);
          if (round >= 0) {
            samples.getOrDefault(runner, List.of()).add(sample);
          }
        } catch (IOException e) {
          if (Thread.currentThread().isInterrupted()) {
            throw e; // Not the contender's failure: the run is to end.
          }
          failures.put(runner, "failed: " + reason(e));
        }
      }
    }
    List<Result> results = new ArrayList<>();
    samples.forEach(
        (runner, its) ->
            results.add(result(direction, data, runner, its, failures.getOrDefault(runner, ""))));
    return results;
  }

  private Result result(
      Direction direction, DataSet data, Runner runner, List<Sample> samples, String note) {
    return new Result(target.name(), direction, data, runner.name(), samples, note);
  }

  private static String reason(IOException failure) {
    return Optional.ofNullable(failure.getMessage()).orElse(failure.toString());
  }

  private Sample upload(Runner runner, DataSet data) throws IOException {
    String objects = prefix + "upload/";
    try {
      Sample sample = runner.move(Direction.UPLOAD, data, objects, data.directory());
      bucket.require(objects, data.totalBytes());
      return sample;
    } finally {
      bucket.remove(objects);
    }
  }

  private Sample download(Runner runner, DataSet data, String objects) throws IOException {
    Path directory = workspace.newDirectory("download-");
    try {
      Sample sample = runner.move(Direction.DOWNLOAD, data, objects, directory);
      for (Item item : data.items("", directory)) {
        requirePattern(item.file(), data.fileBytes());
      }
      return sample;
    } finally {
      Workspace.remove(directory);
    }
  }

  /** Checks that a file is what was uploaded. */
  static void requirePattern(Path file, long expectedBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(CHECK_BYTES);
      Crc32c got = Crc32c.EMPTY;
      while (channel.read(buffer.clear()) >= 0) {
        buffer.flip();
        got = got.combine(Crc32c.of(buffer), buffer.remaining());
      }
      Crc32c expected = Pattern.checksum(expectedBytes);
      if (channel.size() != expectedBytes || !got.equals(expected)) {
        throw new IOException(
            "wrong bytes: file="
                + file.getFileName()
                + " expected="
                + expectedBytes
                + " bytes "
                + expected
                + " got="
                + channel.size()
                + " bytes "
                + got);
      }
    }
  }
}
