package io.takhin.tiered;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every durable step and every request of every scene fails once, before or after it took effect,
 * and nobody is told which. The process lives on and comes to the same end by itself.
 */
final class UnknownOutcomeTest {
  @TempDir Path temporary;

  /** Work in the background may send fewer requests than in the rehearsal; few of them. */
  private static final AtomicInteger TOLD = new AtomicInteger();

  private static final AtomicInteger FIRED = new AtomicInteger();

  @AfterAll
  static void nearlyAllFailuresFired() {
    assertThat(FIRED.get() * 100L).isGreaterThanOrEqualTo(TOLD.get() * 95L);
  }

  @TestFactory
  Stream<DynamicTest> stepsWhoseOutcomeIsUnknownLoseNothing() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Scene scene : Scene.all()) {
      StepFailure none = new StepFailure(-1);
      try (Site site = new Site(temporary.resolve("rehearsal-" + scene))) {
        scene.stage(site, Site.steps(none));
      }
      List<String> moments = none.moments();
      for (int moment = 0; moment < moments.size(); moment++) {
        if (scene == Scene.REPAIR && moments.get(moment).contains("RESTORE")) {
          continue; // ARCHIVE_AND_RESTORE fails in these.
        }
        StepFailure failure = new StepFailure(moment);
        Path root = temporary.resolve(scene + "-step-" + moment);
        tests.add(
            dynamicTest(
                scene + " " + moments.get(moment),
                () -> {
                  try (Site site = new Site(root)) {
                    TieredStorageManager tiers = scene.stage(site, Site.steps(failure));
                    assertThat(failure.hasFailed()).isTrue();
                    requireAllIsWell(site, scene, tiers);
                  }
                }));
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> requestsWhoseOutcomeIsUnknownLoseNothing() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Scene scene : Scene.all()) {
      if (scene.hasFaults()) {
        continue; // It has failing requests of its own.
      }
      OneRequest none = new OneRequest(-1, false);
      try (Site site = new Site(temporary.resolve("requests-" + scene))) {
        site.store.inject(none);
        scene.stage(site, Seams.NONE);
      }
      List<String> requests = none.requests();
      for (int request = 0; request < requests.size(); request++) {
        for (boolean tookEffect : List.of(false, true)) {
          OneRequest failure = new OneRequest(request, tookEffect);
          Path root = temporary.resolve(scene + "-request-" + request + tookEffect);
          tests.add(
              dynamicTest(
                  scene
                      + (tookEffect ? " answer lost of " : " without effect ")
                      + requests.get(request),
                  () -> {
                    try (Site site = new Site(root)) {
                      site.store.inject(failure);
                      TieredStorageManager tiers = scene.stage(site, Seams.NONE);
                      assertThat(site.store.fired()).isLessThanOrEqualTo(1);
                      TOLD.incrementAndGet();
                      FIRED.addAndGet(site.store.fired());
                      requireAllIsWell(site, scene, tiers);
                    }
                  }));
        }
      }
    }
    return tests.stream();
  }

  private static void requireAllIsWell(Site site, Scene scene, TieredStorageManager tiers)
      throws Exception {
    site.store.heal();
    site.diskUsed.set(0);
    Aftermath aftermath = new Aftermath(site, scene);
    aftermath.requireReadableBeforeInsisting(tiers);
    scene.insist(tiers);
    scene.timePasses(site);
    tiers.runPolicy();
    Site.awaitQuiet(tiers);
    tiers.runPolicy(); // What the first one settled may be freed by now.
    Site.awaitQuiet(tiers);
    aftermath.requireNoLeftovers(tiers, site.root);
    Aftermath.Rest rest = aftermath.rest(tiers, site.root);
    tiers.close();
    TieredStorageManager reopened = site.open(options -> scene.options(site, options), Seams.NONE);
    reopened.runPolicy();
    assertThat(aftermath.rest(reopened, site.root)).isEqualTo(rest);
    aftermath.requireArchivable(reopened);
    aftermath.requireReadable(reopened);
    if (!scene.mayGiveUp(scene.id())) {
      assertThat(reopened.find(scene.id()).isPresent()).isEqualTo(!scene.deletes());
    }
  }

  /** Fails one request, before or after its effect. */
  private static final class OneRequest implements Fault {
    private final int failing;
    private final boolean tookEffect;
    private final List<String> requests = new ArrayList<>();

    /** The request that the thread has sent: another may be under way beside it. */
    private final ThreadLocal<Integer> sent = new ThreadLocal<>();

    OneRequest(int failing, boolean tookEffect) {
      this.failing = failing;
      this.tookEffect = tookEffect;
    }

    @Override
    public synchronized void before(StoreOperation op, String key) throws StoreException {
      sent.set(requests.size());
      requests.add(op + " " + key);
      if (!tookEffect && requests.size() - 1 == failing) {
        throw new StoreException.Unavailable("injected: not sent", null);
      }
    }

    @Override
    public synchronized void after(StoreOperation op, String key) throws StoreException {
      if (tookEffect && Integer.valueOf(failing).equals(sent.get())) {
        throw new StoreException.Unavailable("injected: no answer", null);
      }
    }

    synchronized List<String> requests() {
      return List.copyOf(requests);
    }
  }
}
