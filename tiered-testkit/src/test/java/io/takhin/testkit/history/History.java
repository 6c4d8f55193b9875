package io.takhin.testkit.history;

import io.takhin.testkit.history.FaultKind.Armed;
import io.takhin.testkit.history.Model.Fate;
import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.archive.HoldConflictException;
import io.takhin.tiered.archive.InvalidManifestException;
import io.takhin.tiered.archive.SweepResult;
import io.takhin.tiered.archive.WriterStoppedException;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.policy.PolicyRun;
import io.takhin.tiered.read.DamagedChunkException;
import io.takhin.tiered.read.ReadRefusedException;
import io.takhin.tiered.read.ReadTimeoutException;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.InsufficientSpaceException;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.SourceChangedException;
import io.takhin.tiered.verify.Finding;
import io.takhin.tiered.verify.Finding.Outcome;
import io.takhin.tiered.verify.FindingKind;
import io.takhin.tiered.verify.VerifyReport;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One random history: what happens is drawn from the seed, by one thread that waits for each
 * operation to end, so the same seed asks for the same. What comes of it is nearly always the same
 * as well; the archiver's own threads go on after a start at their own pace.
 *
 * <p>With several actors every other step is as many operations at the same time. The seed still
 * says which, and on what; which comes first it cannot say, so a failure may take some repetitions.
 */
final class History {
  private static final int LEAST_STEPS = 10;
  private static final int MOST_STEPS = 34;
  private static final int MAX_ARMED = 2;

  /** A segment that fails is left alone for a day at most. */
  private static final Duration LONGEST_WAIT = Duration.ofHours(25);

  private static final int SETTLING_ROUNDS = 20;

  /** What one of them ended in the background, the next has to have seen. */
  private static final int QUIET_ROUNDS = 2;

  private static final List<FaultKind> KINDS = List.of(FaultKind.values());

  /** What an operation may say when something is wrong, or somebody else came first. */
  private static final Set<Class<? extends Exception>> REFUSALS =
      Set.of(
          SegmentBusyException.class,
          ObjectMismatchException.class,
          InsufficientSpaceException.class,
          InvalidManifestException.class,
          DamagedChunkException.class,
          HeldException.class,
          HoldConflictException.class,
          WriterStoppedException.class,
          NotNowException.class,
          ReadRefusedException.class,
          ReadTimeoutException.class);

  /** What somebody meets at whose side a broker deletes its files. */
  private static final Set<Class<? extends Exception>> FILES_WENT =
      Set.of(NoSuchFileException.class, SourceChangedException.class);

  private final long seed;
  private final Tally tally;
  private final int actors;
  private final List<String> log = new ArrayList<>();
  private final List<String> drawn = new ArrayList<>();

  /** A fault and the step at which it is healed. */
  private record Trouble(FaultKind kind, Armed armed, int untilStep) {}

  private final List<Trouble> troubles = new ArrayList<>();

  History(long seed, Tally tally, int actors) {
    this.seed = seed;
    this.tally = tally;
    this.actors = actors;
  }

  /** What happened, a line for each operation. */
  List<String> log() {
    return List.copyOf(log);
  }

  /** What was drawn, without what came of it. */
  List<String> drawn() {
    return List.copyOf(drawn);
  }

  /**
   * Lives through it.
   *
   * @param base an empty or missing directory of its own, gone afterwards
   * @throws AssertionError with the seed and all that happened, if something is not as it must be
   */
  void run(Path base) {
    try {
      Random random = new Random(seed);
      try (World world = new World(base, random)) {
        live(world, random);
        settle(world);
        new Invariants(world).check();
        requireNothing(world);
        requireRestartChangesNothing(world);
        tally.steps(world.machine.steps());
      }
    } catch (Exception | Error e) {
      throw new AssertionError(
          "history failed, repeat it with -Dtakhin.histories.seed="
              + seed
              + (actors > 1 ? " -Dtakhin.histories.actors=" + actors : "")
              + ": "
              + e.getMessage()
              + "\n  "
              + String.join("\n  ", log),
          e);
    }
  }

  private void live(World world, Random random) throws Exception {
    int steps = LEAST_STEPS + random.nextInt(MOST_STEPS - LEAST_STEPS);
    for (int step = 0; step < steps; step++) {
      heal(step);
      if (random.nextInt(3) == 0 && troubles.size() < MAX_ARMED) {
        FaultKind kind = KINDS.get(random.nextInt(KINDS.size()));
        int until = step + 1 + random.nextInt(6);
        log.add(step + " fault " + kind + " until " + until);
        drawn.add(step + " fault " + kind + " until " + until);
        troubles.add(new Trouble(kind, kind.arm(world, random), until));
      }
      if (random.nextInt(8) == 0) {
        world.deliverLate();
      }
      if (actors > 1 && random.nextBoolean()) {
        together(world, step, random);
      } else {
        Operation operation = Operation.any(random);
        drawn.add(step + " " + operation);
        log.add(step + " " + operation + " " + outcome(world, operation, random));
      }
      world.machine.awaitQuiet();
      crashIfPowerIsOff(world, step);
      requireNothing(world);
    }
    world.machine.power().stayOn();
    crashIfPowerIsOff(world, steps);
  }

  /** Several operations at the same time, and sometimes the power goes meanwhile. */
  private void together(World world, int step, Random random) throws Exception {
    if (random.nextInt(4) == 0) {
      world.machine.power().cutIn(random.nextInt(18));
    }
    ExecutorService threads = Executors.newFixedThreadPool(actors);
    try {
      List<Future<String>> outcomes = new ArrayList<>();
      for (int actor = 0; actor < actors; actor++) {
        Operation operation = Operation.anyTogether(random);
        Random own = new Random(random.nextLong());
        drawn.add(step + " together " + operation);
        outcomes.add(threads.submit(() -> operation + " " + outcome(world, operation, own)));
      }
      for (Future<String> outcome : outcomes) {
        log.add(step + " together " + outcome.get());
      }
    } finally {
      threads.shutdownNow();
    }
    world.machine.power().stayOn();
  }

  private void crashIfPowerIsOff(World world, int step) throws Exception {
    if (world.machine.power().isOff()) {
      log.add(step + " the power is off");
      world.letAllGo();
      world.machine.crash(-1);
    }
  }

  private String outcome(World world, Operation operation, Random random) {
    try {
      String outcome = operation.run(world, random);
      tally.succeeded(operation);
      return outcome;
    } catch (PowerLoss e) {
      return "! " + e.getMessage();
    } catch (Exception e) {
      world.noticed(e);
      tally.refused(operation);
      boolean known =
          e instanceof StoreException
              || e instanceof CatalogException
              || REFUSALS.contains(e.getClass())
              || (e instanceof NoSuchFileException && world.tiers().gaps().count() > 0)
              || (actors > 1 && FILES_WENT.contains(e.getClass()));
      if (!known) {
        world.violations.add(operation + " failed in a way it must not: " + stackOf(e));
      }
      return "! " + e.getClass().getSimpleName() + " " + e.getMessage();
    }
  }

  private static String stackOf(Exception e) {
    StringBuilder text = new StringBuilder(e.toString());
    for (StackTraceElement element : e.getStackTrace()) {
      text.append("\n      at ").append(element);
    }
    return text.toString();
  }

  private void heal(int step) throws Exception {
    for (Iterator<Trouble> all = troubles.iterator(); all.hasNext(); ) {
      Trouble trouble = all.next();
      if (trouble.untilStep() <= step) {
        all.remove();
        trouble.armed().heal();
        tally.fired(trouble.kind(), trouble.armed().fired());
      }
    }
  }

  /** Everything works again; nobody but time and the archiver does anything about what was left. */
  private void settle(World world) throws Exception {
    heal(Integer.MAX_VALUE);
    world.letAllGo();
    world.deliverLate();
    world.registerAll();
    world.tiers().runPolicy(); // Asks a store that seemed to be down.
    world.clock.advance(Rivals.ANSWERS_EXPIRED);
    world.tiers().writer().refresh();
    if (world.tiers().writer().status().isStopped()) {
      world.tiers().writer().takeOver(); // An operator, after a stranger has gone.
    }
    world.releaseAll();
    // A broker repeats the deletes that it was not told to have worked.
    for (PartitionId partition : World.PARTITIONS) {
      long below =
          world.model.all().stream()
              .filter(one -> one.id().partition().equals(partition))
              .filter(one -> one.fate() == Fate.DELETE_ASKED)
              .mapToLong(one -> one.sealed.endOffset())
              .max()
              .orElse(-1);
      if (below >= 0) {
        world.deleteBelow(partition, below);
      }
    }
    // Damaged chunks are tried again, what is deleted goes for good, and nothing waits any longer
    // because it has failed before.
    world.clock.advance(LONGEST_WAIT.plus(world.machine.deleteDelay()));
    world.tiers().quarantine().retryAll();
    int quiet = 0;
    for (int round = 0; round < SETTLING_ROUNDS && quiet < QUIET_ROUNDS; round++) {
      PolicyRun run = world.tiers().runPolicy();
      world.machine.awaitQuiet();
      boolean atRest = run.archived() + run.reclaimed() + run.deferred() + run.failed() == 0;
      quiet = atRest && world.tiers().stats().unfinished() == 0 ? quiet + 1 : 0;
    }
    requireVerified(world);
    SweepResult swept = world.sweep();
    if (swept.stopped().isPresent()) {
      world.violations.add("sweep stopped though all is well: " + swept);
    }
  }

  /**
   * Finds nothing where nothing is wrong; what is wrong and can be repaired is right afterwards.
   */
  private static void requireVerified(World world) throws Exception {
    VerifyReport report = world.verify();
    if (report.problem() != null) {
      world.violations.add("verification ended early though all is well: " + report);
    }
    for (Finding finding : report.findings()) {
      // Who lost the answer of the catalog about a restore removes the files it had placed.
      boolean restoredInVain =
          finding.kind() == FindingKind.LOCAL_MISSING && finding.outcome() == Outcome.REPAIRED;
      SegmentId id = finding.segment();
      boolean ofAnother = finding.kind() == FindingKind.OBJECT_EXTRA && world.hadOtherWriters();
      if (!restoredInVain && !ofAnother && (id == null || !world.isTamperedWith(id))) {
        world.violations.add("false alarm: " + finding);
      }
    }
    new Invariants(world).requireTrueObjects();
  }

  private void requireRestartChangesNothing(World world) throws Exception {
    Invariants invariants = new Invariants(world);
    settle(world); // What was read is back, and may have to go again.
    Invariants.Rest before = invariants.rest();
    world.machine.restart();
    world.tiers().runPolicy();
    world.machine.awaitQuiet();
    Invariants.Rest after = invariants.rest();
    if (!before.equals(after)) {
      world.violations.add("a restart changed something: " + before.difference(after));
    }
    invariants.check();
    requireNothing(world);
  }

  private static void requireNothing(World world) {
    if (!world.violations.isEmpty()) {
      throw new AssertionError(String.join("\n  ", world.violations));
    }
  }
}
