package io.takhin.testkit.history;

import io.takhin.testkit.history.Machine.Running;
import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.archive.WriterStatus.State;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Two processes on one prefix. Whoever does not have it takes nothing, and loses nothing. */
final class Rivals {
  /** After this long nobody relies on having had the prefix. */
  static final Duration ANSWERS_EXPIRED = Duration.ofSeconds(6);

  private static final int MOST_ACTS = 5;

  private final World world;

  private Rivals(World world) {
    this.world = world;
  }

  /** What a process does that does not know, or ignores, that it was replaced. */
  private enum Act {
    ARCHIVE {
      @Override
      void by(TieredStorageManager tiers, SegmentId id) throws Exception {
        World.await(tiers.archive(id, "rival"));
      }
    },
    RESTORE {
      @Override
      void by(TieredStorageManager tiers, SegmentId id) throws Exception {
        World.await(tiers.restore(id, "rival"));
      }
    },
    DELETE {
      @Override
      void by(TieredStorageManager tiers, SegmentId id) throws Exception {
        World.await(tiers.deletePartition(id.partition()));
        tiers.runPolicy();
      }
    },
    UNDELETE {
      @Override
      void by(TieredStorageManager tiers, SegmentId id) throws Exception {
        World.await(tiers.deletions().undeleteTopic(id.partition().topic(), "rival"));
      }
    },
    POLICY_RUN {
      @Override
      void by(TieredStorageManager tiers, SegmentId id) throws Exception {
        tiers.runPolicy();
      }
    },
    SWEEP {
      @Override
      void by(TieredStorageManager tiers, SegmentId id) throws Exception {
        World.await(tiers.sweeper().sweep());
      }
    },
    VERIFY {
      @Override
      void by(TieredStorageManager tiers, SegmentId id) throws Exception {
        World.await(
            tiers.verifier().begin(new VerifyRequest(Level.CHECKSUMS, null, true)).outcome());
      }
    };

    abstract void by(TieredStorageManager tiers, SegmentId id) throws Exception;
  }

  /**
   * A machine that was taken for dead goes on, beside the one on a copy of its disk that has taken
   * its place, until somebody switches it off.
   */
  static String replaced(World world, Random random) throws Exception {
    return new Rivals(world).replace(random);
  }

  private String replace(Random random) throws Exception {
    boolean expired = random.nextBoolean();
    List<Act> acts = new ArrayList<>();
    List<SegmentId> ids = new ArrayList<>();
    for (int i = random.nextInt(MOST_ACTS); i >= 0; i--) {
      acts.add(Act.values()[random.nextInt(Act.values().length)]);
      ids.add(world.anyWritten(random).id());
    }
    requireWriting();
    List<String> outcomes = new ArrayList<>();
    world.otherWriters();
    Running old = world.machine.replaceAlive();
    try {
      world.tiers().writer().refresh();
      requireWriting();
      if (expired) {
        world.clock.advance(ANSWERS_EXPIRED);
      }
      for (int i = 0; i < acts.size(); i++) {
        outcomes.add(acts.get(i) + ": " + outcome(acts.get(i), old.tiers(), ids.get(i)));
      }
    } finally {
      putAway(old);
      noteLateArchives();
    }
    return outcomes.toString();
  }

  /**
   * For some seconds whoever was replaced may still archive, which replaces nothing; the next takes
   * what stands there as its own, unless the segment is deleted before it wants to archive it.
   */
  private void noteLateArchives() throws IOException {
    for (Written written : world.model.all()) {
      boolean isKnown =
          world
              .tiers()
              .find(written.id())
              .flatMap(segment -> segment.state().receipt())
              .isPresent();
      if (!isKnown && world.truth.hasManifest(written.id())) {
        world.tamperedWith(World.key(written.id(), "manifest.json").value());
      }
    }
  }

  private String outcome(Act act, TieredStorageManager tiers, SegmentId id) {
    try {
      act.by(tiers, id);
      return "done";
    } catch (Exception e) {
      world.noticed(e);
      return e.getClass().getSimpleName();
    }
  }

  /** Of our own process; without that a rival may have the prefix by right. */
  private void requireWriting() throws NotNowException {
    State state = world.tiers().writer().status().state();
    if (state != State.WRITING) {
      throw new NotNowException("we are " + state);
    }
  }

  private void putAway(Running rival) throws Exception {
    world.machine.end(rival);
    DiskImage.delete(rival.root());
  }

  /**
   * Somebody else begins on the same prefix, with other records under a name of ours; and sometimes
   * takes the prefix over, which we take back when it has gone.
   */
  static String stranger(World world, Random random) throws Exception {
    return new Rivals(world).strange(random);
  }

  private String strange(Random random) throws Exception {
    SegmentId id = world.anyWritten(random).id();
    boolean byForce = random.nextBoolean();
    requireWriting();
    Running other = world.machine.stranger();
    String outcome;
    try {
      outcome = asStranger(other, id);
      if (byForce) {
        outcome += takenOver(other, id);
      }
    } finally {
      putAway(other);
    }
    if (byForce) {
      world.tiers().writer().takeOver();
    }
    return outcome;
  }

  private String asStranger(Running other, SegmentId id) throws Exception {
    byte[] log = new byte[1 + id.hashCode() % 50 + 50];
    Arrays.fill(log, (byte) 7);
    Path directory = Files.createDirectories(other.root().resolve(id.partition().directory()));
    Path file = directory.resolve(FileKind.LOG.fileName(id));
    Files.write(file, log);
    Files.write(directory.resolve(FileKind.INDEX.fileName(id)), new byte[8]);
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(id)), new byte[12]);
    long now = world.clock.millis();
    other.tiers().register(SegmentMetadata.sealed(id, id.baseOffset() + 100, now, log.length, now));
    String outcome = outcome(Act.ARCHIVE, other.tiers(), id);
    if (outcome.equals("done") || other.tiers().writer().status().state() == State.WRITING) {
      world.violations.add("two writers: " + other.tiers().writer().status());
    }
    outcome += " " + outcome(Act.SWEEP, other.tiers(), id);
    if (!Arrays.equals(Files.readAllBytes(file), log)) {
      world.violations.add("a stranger that was refused lost its own: " + id);
    }
    return outcome;
  }

  private String takenOver(Running other, SegmentId id) throws Exception {
    PartitionId none = new PartitionId("visitors", 0);
    other.tiers().writer().takeOver();
    world.clock.advance(ANSWERS_EXPIRED);
    world.tiers().writer().refresh();
    StringBuilder outcomes = new StringBuilder(" taken over");
    for (Act act : List.of(Act.ARCHIVE, Act.POLICY_RUN, Act.SWEEP)) {
      outcomes.append(' ').append(outcome(act, world.tiers(), id));
    }
    State ours = world.tiers().writer().status().state();
    if (ours == State.WRITING) {
      world.violations.add("two writers: " + world.tiers().writer().status());
    }
    outcomes.append(' ').append(outcome(Act.SWEEP, other.tiers(), new SegmentId(none, 0)));
    return outcomes.toString();
  }
}
