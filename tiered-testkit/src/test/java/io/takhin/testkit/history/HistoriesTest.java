package io.takhin.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Random histories against a model. {@code -Dtakhin.histories=100000} makes the long run of it, and
 * {@code -Dtakhin.histories.seed=…} repeats the one that failed; with {@code
 * -Dtakhin.histories.actors=3} if it was one of several operations at the same time.
 */
final class HistoriesTest {
  private static final int SHORT_RUN = 1_000;
  private static final int HISTORIES = Integer.getInteger("takhin.histories", SHORT_RUN);
  private static final int CROWDS = Integer.getInteger("takhin.histories.crowds", 0);
  private static final int CROWD = 3;
  private static final int ACTORS = Integer.getInteger("takhin.histories.actors", 1);
  private static final long ONE_SEED = Long.getLong("takhin.histories.seed", -1);
  private static final long FIRST_SEED = 20_260_301L;
  private static final int DRIVERS = 2;

  private Path base;

  /** In memory where the system has such a place: the disk under it is not what is tested. */
  @BeforeEach
  void makeBase() throws IOException {
    Path memory = Path.of("/dev/shm");
    base =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "takhin-histories")
            : Files.createTempDirectory("takhin-histories");
  }

  @AfterEach
  void removeBase() throws IOException {
    DiskImage.delete(base);
  }

  @Test
  void nothingIsEverLost() throws Exception {
    if (ONE_SEED >= 0) {
      History history = new History(ONE_SEED, new Tally(), ACTORS);
      history.run(base.resolve("one"));
      System.out.println(String.join("\n", history.log()));
      return;
    }
    Tally tally = live("histories", HISTORIES, 1);
    assertThat(tally.missing()).as("operations, faults and steps that never happened").isEmpty();
  }

  /**
   * The operations are those of the seed, and which of those at the same time is first is not: what
   * cannot be repeated is looked for when somebody has the time to find out.
   */
  @Test
  @EnabledIfSystemProperty(named = "takhin.histories.crowds", matches = "[1-9][0-9]*")
  void nothingIsLostByOperationsAtTheSameTime() throws Exception {
    Tally tally = live("crowds", CROWDS, CROWD);
    assertThat(tally.missingTogether()).as("operations that never succeeded").isEmpty();
  }

  private Tally live(String name, int histories, int actors) throws Exception {
    Tally tally = new Tally();
    long startNanos = System.nanoTime();
    AtomicLong next = new AtomicLong();
    ExecutorService drivers = Executors.newFixedThreadPool(DRIVERS);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int driver = 0; driver < DRIVERS; driver++) {
        ends.add(
            drivers.submit(
                () -> {
                  for (long one; (one = next.getAndIncrement()) < histories; ) {
                    new History(FIRST_SEED + one, tally, actors)
                        .run(base.resolve(name + "-" + one));
                  }
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    } catch (ExecutionException e) {
      next.set(histories); // The first failure is enough.
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      }
      throw e;
    } finally {
      drivers.shutdownNow();
    }
    report(name, histories, tally, Duration.ofNanos(System.nanoTime() - startNanos));
    return tally;
  }

  private static void report(String name, int histories, Tally tally, Duration took)
      throws IOException {
    String line =
        String.format(
            Locale.ROOT,
            "%s=%d operations=%d faults_fired=%d seconds=%.1f per_minute=%.0f",
            name,
            histories,
            tally.operations(),
            tally.faults(),
            took.toMillis() / 1000.0,
            histories * 60_000.0 / Math.max(1, took.toMillis()));
    List<String> lines = new ArrayList<>(List.of(line));
    lines.addAll(tally.lines());
    Files.write(Files.createDirectories(Path.of("target")).resolve(name + ".txt"), lines);
    System.out.println(line);
  }

  @Test
  void sameSeedAsksForTheSame() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
      List<List<String>> asked = new ArrayList<>();
      for (int time = 0; time < 2; time++) {
        History history = new History(seed, new Tally(), 1);
        history.run(base.resolve("again-" + seed + "-" + time));
        asked.add(history.drawn());
      }
      assertThat(asked.get(1)).isEqualTo(asked.get(0)).isNotEmpty();
    }
  }
}
