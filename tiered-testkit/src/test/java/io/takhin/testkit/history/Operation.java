package io.takhin.testkit.history;

import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.verify.VerifyReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * What a broker and its operator do. A new operation is one more value; a run in which one never
 * succeeded fails. What is drawn depends on the seed alone, and on nothing that came out.
 */
enum Operation {
  PRODUCE(12) {
    @Override
    String run(World world, Random random) throws Exception {
      PartitionId partition = partition(random);
      int dice = random.nextInt(200);
      int logBytes = 1 + random.nextInt(4_000);
      if (dice == 0) {
        logBytes += (5 << 20) + random.nextInt(1 << 20); // of several parts
      } else if (dice < 10) {
        logBytes += 128 << 10; // of several chunks
      }
      return world.produce(partition, logBytes).id() + " bytes=" + logBytes;
    }
  },
  /** Uploads what is only here, frees what is proved. */
  ARCHIVE(12) {
    @Override
    String run(World world, Random random) throws Exception {
      SegmentId id = anyId(world, random);
      return World.await(world.tiers().archive(id, "history")).state().label();
    }
  },
  RESTORE(6) {
    @Override
    String run(World world, Random random) throws Exception {
      SegmentId id = anyId(world, random);
      return World.await(world.tiers().restore(id, "history")).state().label();
    }
  },
  READ_WHOLE(6) {
    @Override
    String run(World world, Random random) throws Exception {
      Written written = world.anyWritten(random);
      world.readWhole(written);
      return "same bytes";
    }
  },
  READ_RANGE(8) {
    @Override
    String run(World world, Random random) throws Exception {
      Written written = world.anyWritten(random);
      List<FileKind> kinds = new ArrayList<>(written.files().keySet());
      FileKind kind =
          random.nextInt(3) > 0 ? FileKind.LOG : kinds.get(random.nextInt(kinds.size()));
      int sizeBytes = written.file(kind).length;
      world.readRange(
          written,
          kind,
          random.nextInt(sizeBytes),
          1 + random.nextInt(Math.min(sizeBytes, 300_000)));
      return "same bytes";
    }
  },
  /** A reader who does not go yet. */
  HOLD(4) {
    @Override
    String run(World world, Random random) throws Exception {
      world.hold(anyId(world, random));
      return "held";
    }
  },
  LET_GO(3) {
    @Override
    String run(World world, Random random) {
      world.letGo();
      return "let go";
    }
  },
  POLICY_RUN(4) {
    @Override
    String run(World world, Random random) throws Exception {
      world.clock.advance(Duration.ofMinutes(random.nextInt(200)));
      var run = world.tiers().runPolicy();
      return "archived=" + run.archived() + " failed=" + run.failed();
    }
  },
  TIME_PASSES(3) {
    @Override
    String run(World world, Random random) {
      Duration by = Duration.ofMinutes(1 + random.nextInt(90));
      world.clock.advance(by);
      return by.toString();
    }
  },
  DELETE_BELOW(2) {
    @Override
    String run(World world, Random random) throws Exception {
      Optional<Written> last = world.model.any(random);
      PartitionId partition = last.map(one -> one.id().partition()).orElse(World.PARTITIONS.get(0));
      long offset = last.map(one -> one.sealed.endOffset()).orElse(0L);
      world.deleteBelow(partition, offset);
      return partition + " below " + offset;
    }
  },
  DELETE_PARTITION(1) {
    @Override
    String run(World world, Random random) throws Exception {
      PartitionId partition = partition(random);
      world.deleteBelow(partition, Long.MAX_VALUE);
      return partition.toString();
    }
  },
  UNDELETE(3) {
    @Override
    String run(World world, Random random) throws Exception {
      return "restored=" + world.undelete(partition(random).topic());
    }
  },
  /** Somebody keeps a topic from being removed; refused while another hold of the name stands. */
  SET_HOLD(2) {
    @Override
    String run(World world, Random random) throws Exception {
      String topic = partition(random).topic();
      world.setHold(topic);
      return topic;
    }
  },
  RELEASE_HOLD(2) {
    @Override
    String run(World world, Random random) throws Exception {
      String topic = partition(random).topic();
      world.releaseHold(topic);
      return topic;
    }
  },
  SWEEP(2) {
    @Override
    String run(World world, Random random) throws Exception {
      return world.sweep().toString();
    }
  },
  VERIFY(2) {
    @Override
    String run(World world, Random random) throws Exception {
      VerifyReport report = world.verify();
      return "findings=" + report.findingCount() + " unrepaired=" + report.unrepaired();
    }
  },
  /** The disk fills while the store is down, refuses data, or works. */
  FULL_DISK(3) {
    @Override
    String run(World world, Random random) throws Exception {
      return FullDisk.pass(world, random);
    }
  },
  /** The data directory is lost, and the catalog is rebuilt from the bucket. */
  REBUILD(2) {
    @Override
    String run(World world, Random random) throws Exception {
      return NextMachine.rebuild(world);
    }
  },
  /** A copy of the disk is started while the process on the original goes on. */
  REPLACED_ALIVE(2) {
    @Override
    String run(World world, Random random) throws Exception {
      world.letAllGo();
      world.machine.awaitQuiet();
      return Rivals.replaced(world, random);
    }
  },
  /** Somebody else begins to write to the prefix, or takes it over. */
  STRANGER(2) {
    @Override
    String run(World world, Random random) throws Exception {
      world.machine.awaitQuiet();
      return Rivals.stranger(world, random);
    }
  },
  RESTART(2) {
    @Override
    String run(World world, Random random) throws Exception {
      world.letAllGo();
      world.machine.restart();
      return "restarted";
    }
  },
  /** The power goes during another operation, and sometimes again during the recovery. */
  CRASH(4) {
    @Override
    String run(World world, Random random) throws Exception {
      Operation during = DURING.get(random.nextInt(DURING.size()));
      int moments = random.nextInt(18);
      int again = random.nextInt(3) == 0 ? random.nextInt(8) : -1;
      long seed = random.nextLong();
      world.machine.power().cutIn(moments);
      String outcome;
      try {
        outcome = during.run(world, new Random(seed));
      } catch (PowerLoss e) {
        outcome = e.getMessage();
      } catch (Exception e) {
        world.noticed(e);
        outcome = e.getClass().getSimpleName();
      }
      world.letAllGo();
      world.machine.crash(again);
      return during + ": " + outcome + (again < 0 ? "" : ", again");
    }
  };

  /** What several may do at the same time; what is left out ends or replaces the process. */
  private static final List<Operation> TOGETHER =
      List.of(
          PRODUCE,
          ARCHIVE,
          ARCHIVE,
          ARCHIVE,
          RESTORE,
          RESTORE,
          READ_WHOLE,
          READ_WHOLE,
          READ_RANGE,
          READ_RANGE,
          HOLD,
          LET_GO,
          POLICY_RUN,
          DELETE_BELOW,
          DELETE_PARTITION,
          UNDELETE,
          SET_HOLD,
          RELEASE_HOLD,
          SWEEP,
          VERIFY);

  private static final List<Operation> DURING =
      List.of(
          ARCHIVE,
          ARCHIVE,
          RESTORE,
          READ_WHOLE,
          POLICY_RUN,
          DELETE_BELOW,
          DELETE_PARTITION,
          UNDELETE,
          SET_HOLD,
          RELEASE_HOLD,
          SWEEP,
          VERIFY,
          FULL_DISK,
          PRODUCE);

  /** How often it comes, compared with others. */
  private final int weight;

  Operation(int weight) {
    this.weight = weight;
  }

  /** Does it and tells in a few words how it went. */
  abstract String run(World world, Random random) throws Exception;

  static Operation any(Random random) {
    int total = 0;
    for (Operation operation : values()) {
      total += operation.weight;
    }
    int at = random.nextInt(total);
    for (Operation operation : values()) {
      at -= operation.weight;
      if (at < 0) {
        return operation;
      }
    }
    throw new AssertionError("weights do not add up");
  }

  boolean isDoneTogether() {
    return TOGETHER.contains(this);
  }

  static Operation anyTogether(Random random) {
    return TOGETHER.get(random.nextInt(TOGETHER.size()));
  }

  private static PartitionId partition(Random random) {
    return World.PARTITIONS.get(random.nextInt(World.PARTITIONS.size()));
  }

  private static SegmentId anyId(World world, Random random) throws Exception {
    return world.anyWritten(random).id();
  }
}
