package io.takhin.tiered;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Crashes before and after every durable step of every scene, and again at every step of the
 * recovery from that; opens what is left on the disk and in the bucket, and checks what is never
 * broken.
 */
final class CrashTest {
  private static final int NEVER = -1;

  /** Every so many-th moment of a recovery is crashed at; 1 takes all, and some minutes. */
  private static final int STRIDE = Integer.getInteger("takhin.crash.stride", 4);

  @TempDir Path temporary;
  private int images;

  @Test
  void scenesMakeEveryDurableStep() throws Exception {
    Set<DurableStep> made = EnumSet.noneOf(DurableStep.class);
    for (Scene scene : Scene.all()) {
      made.addAll(rehearse(scene).steps());
    }
    assertThat(made).isEqualTo(EnumSet.allOf(DurableStep.class));
  }

  private SimulatedCrash.At rehearse(Scene scene) throws Exception {
    SimulatedCrash.At never = SimulatedCrash.At.never();
    try (Site site = new Site(temporary.resolve("rehearsal-" + scene))) {
      scene.stage(site, Site.steps(never));
    }
    return never;
  }

  @TestFactory
  Stream<DynamicTest> nothingIsLostByACrash() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Scene scene : Scene.all()) {
      List<String> moments = rehearse(scene).moments();
      IntStream.range(0, moments.size())
          .mapToObj(
              index ->
                  dynamicTest(
                      scene + " " + index + " " + moments.get(index),
                      () -> crashAtEachMomentOfTheRecovery(scene, index)))
          .forEach(tests::add);
    }
    return tests.stream();
  }

  /** First without a second crash, then with one at each moment that the recovery has. */
  private void crashAtEachMomentOfTheRecovery(Scene scene, int moment) throws Exception {
    int recovery = crash(scene, moment, NEVER);
    // Neighbouring moments leave nearly the same behind, so each has other ones of the second
    // crash.
    for (int again = moment % STRIDE; again < recovery; again += STRIDE) {
      crash(scene, moment, again);
    }
  }

  /** Returns how many moments there were in the recovery. */
  private int crash(Scene scene, int moment, int again) throws Exception {
    // Given a crash, and what it left on the disk and in the bucket
    Path directory = temporary.resolve(scene + "-" + moment + "-" + again);
    try (Site site = new Site(directory)) {
      SimulatedCrash.At crash = SimulatedCrash.At.moment(moment);
      tolerateCrash(() -> scene.stage(site, Site.steps(crash)));
      assertThat(crash.crashed()).isTrue();
      site.store.heal();
      site.diskUsed.set(0);
      Path image = copy(site.root);
      if (again != NEVER) {
        image = recoverUntil(scene, site, image, again);
      }

      // When it is opened anew
      SimulatedCrash.At counting = SimulatedCrash.At.never();
      Aftermath aftermath = new Aftermath(site, scene);
      Aftermath.Rest rest;
      try (TieredStorageManager tiers = open(scene, site, image, counting)) {
        // Then everything can be read at once, while the recovery may still be going on
        aftermath.requireReadableBeforeInsisting(tiers);
        if (!scene.deletes()) {
          scene.insist(tiers);
        }
        scene.timePasses(site);
        // and when it has ended nothing is left over
        tiers.runPolicy();
        Site.awaitQuiet(tiers);
        tiers.runPolicy(); // What the first one settled may be freed by now.
        Site.awaitQuiet(tiers);
        aftermath.requireNoLeftovers(tiers, image);
        rest = aftermath.rest(tiers, image);
      }
      int moments = counting.moments().size();
      // and another restart changes nothing
      try (TieredStorageManager tiers = open(scene, site, image, SimulatedCrash.At.never())) {
        tiers.runPolicy();
        Site.awaitQuiet(tiers);
        assertThat(aftermath.rest(tiers, image)).isEqualTo(rest);
        aftermath.requireArchivable(tiers);
        aftermath.requireReadable(tiers);
      }
      return moments;
    }
  }

  /** Begins the recovery, crashes in it, and returns what that left on the disk. */
  private Path recoverUntil(Scene scene, Site site, Path image, int again) throws Exception {
    SimulatedCrash.At crash = SimulatedCrash.At.moment(again);
    List<TieredStorageManager> opened = new ArrayList<>();
    tolerateCrash(
        () -> {
          TieredStorageManager tiers = open(scene, site, image, crash);
          opened.add(tiers);
          tiers.runPolicy();
          Site.awaitQuiet(tiers);
        });
    Path left = copy(image);
    for (TieredStorageManager dead : opened) {
      dead.close();
    }
    return left;
  }

  /** Steps of a recovery end in the background, too, where nobody is told. */
  private interface Play {
    void run() throws Exception;
  }

  private static void tolerateCrash(Play play) throws Exception {
    try {
      play.run();
    } catch (SimulatedCrash expected) {
      return;
    } catch (Exception e) {
      if (!(e.getCause() instanceof SimulatedCrash)) {
        throw e;
      }
    }
  }

  private static TieredStorageManager open(
      Scene scene, Site site, Path root, SimulatedCrash.At steps) throws Exception {
    return TieredStorageManager.open(
        scene.options(site, Site.options(root)).build(),
        site.store,
        new DirectorySegments(root),
        site.meters,
        site.clock,
        Site.steps(steps));
  }

  private Path copy(Path from) throws IOException {
    Path to = temporary.resolve("image-" + images++);
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else {
        Files.copy(file, target);
      }
    }
    return to;
  }
}
