package io.takhin.testkit.history;

import io.takhin.testkit.Fault;
import io.takhin.testkit.Lie;
import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What can go wrong. A new kind is one more value; a run in which one never fired fails. */
enum FaultKind {
  /** The store does not answer at all. */
  OUTAGE {
    @Override
    Armed arm(World world, Random random) {
      return of(world.faults.on().failBefore(FaultKind::unavailable));
    }
  },
  ONE_IN_THREE_FAILS {
    @Override
    Armed arm(World world, Random random) {
      return of(world.faults.on().keys(oneInThree(random)).failBefore(FaultKind::unavailable));
    }
  },
  /** What was asked is done, and the answer does not come. */
  LOST_ANSWERS {
    @Override
    Armed arm(World world, Random random) {
      return of(world.faults.on().keys(oneInThree(random)).failAfter(FaultKind::unavailable));
    }
  },
  /** The adapter gives a request up that took effect all the same, after a while. */
  HANGING_ANSWERS {
    @Override
    Armed arm(World world, Random random) {
      return of(
          world.faults.on().keys(oneInThree(random)).times(2).delay(Duration.ofMillis(10)),
          world.faults.on().keys(oneInThree(random)).times(2).failAfter(FaultKind::unavailable));
    }
  },
  LATE_ARRIVAL {
    @Override
    Armed arm(World world, Random random) {
      return of(world.faults.on(StoreOperation.PUT).keys(oneInThree(random)).arriveLate());
    }
  },
  THROTTLED {
    @Override
    Armed arm(World world, Random random) {
      return of(
          world
              .faults
              .on(StoreOperation.PUT, StoreOperation.PUT_PART, StoreOperation.GET)
              .keys(oneInThree(random))
              .failBefore(call -> new StoreException.Unavailable("503 slow down: " + call, null)));
    }
  },
  SLOW {
    @Override
    Armed arm(World world, Random random) {
      return of(world.faults.on().times(5).delay(Duration.ofMillis(2)));
    }
  },
  /** One object, and nothing else, is refused for good. */
  REJECTED_OBJECT {
    @Override
    Armed arm(World world, Random random) {
      String extension = random.nextBoolean() ? "log" : "index";
      Optional<String> rejected =
          world.model.any(random).map(one -> World.key(one.id(), extension).value());
      return of(
          world
              .faults
              .on()
              .keys(key -> rejected.isPresent() && rejected.get().equals(key))
              .failBefore(call -> new StoreException.Rejected(call, null)));
    }
  },
  REPORTED_CORRUPT {
    @Override
    Armed arm(World world, Random random) {
      return of(
          world
              .faults
              .on(StoreOperation.PUT, StoreOperation.GET, StoreOperation.COMPLETE)
              .keys(oneInThree(random))
              .failBefore(call -> new StoreException.Corrupt(call, null)));
    }
  },
  TRUNCATED_BODIES {
    @Override
    Armed arm(World world, Random random) {
      return of(world.faults.on(StoreOperation.GET).truncate(random.nextInt(60)));
    }
  },
  FLIPPED_BITS {
    @Override
    Armed arm(World world, Random random) {
      return of(world.faults.on(StoreOperation.GET).flipBit(random.nextInt(30)));
    }
  },
  /** Writes are acknowledged and dropped. */
  DROPPED_WRITES {
    @Override
    Armed arm(World world, Random random) {
      Predicate<String> chosen = oneInThree(random);
      return of(
          world
              .faults
              .on(StoreOperation.PUT, StoreOperation.COMPLETE)
              .keys(
                  key -> {
                    boolean dropped = chosen.test(key);
                    if (dropped) {
                      world.tamperedWith(key);
                    }
                    return dropped;
                  })
              .lie());
    }
  },
  /** Objects disappear while the files are here, too. */
  LOST_OBJECT {
    @Override
    Armed arm(World world, Random random) throws Exception {
      return tamper(world, random, world.bucket::delete);
    }
  },
  ALTERED_OBJECT {
    @Override
    Armed arm(World world, Random random) throws Exception {
      return tamper(
          world,
          random,
          key -> {
            int sizeBytes = (int) world.bucket.head(key).orElseThrow().sizeBytes();
            ByteBuffer other = ByteBuffer.allocate(sizeBytes);
            world.bucket.put(key, other, Crc32c.of(other), PutOptions.BINARY);
          });
    }
  },
  DISK_FULL {
    @Override
    Armed arm(World world, Random random) {
      int before = world.machine.refusedSpace();
      world.machine.diskFull(true);
      return new Armed() {
        @Override
        public int fired() {
          return world.machine.refusedSpace() - before;
        }

        @Override
        public void heal() {
          world.machine.diskFull(false);
        }
      };
    }
  },
  CATALOG_FULL {
    @Override
    Armed arm(World world, Random random) throws Exception {
      int before = world.refusedByCatalog();
      world.machine.catalogFull(true);
      return new Armed() {
        @Override
        public int fired() {
          return world.refusedByCatalog() - before;
        }

        @Override
        public void heal() throws Exception {
          world.machine.catalogFull(false);
        }
      };
    }
  },
  LIE_DROPS_DELETES(Lie.DROPS_DELETES),
  LIE_TRUNCATES_WRITES(Lie.TRUNCATES_WRITES),
  LIE_FLIPS_WRITES(Lie.FLIPS_WRITES),
  LIE_TRUNCATES_READS(Lie.TRUNCATES_READS),
  LIE_FLIPS_READS(Lie.FLIPS_READS),
  LIE_SWAPS_OBJECTS(Lie.SWAPS_OBJECTS),
  LIE_TELLS_WRONG_CHECKSUM(Lie.TELLS_WRONG_CHECKSUM),
  /** A record of the catalog is durable, and whoever made it is told that it is not. */
  CATALOG_ANSWER_LOST {
    @Override
    Armed arm(World world, Random random) {
      Power power = world.machine.power();
      int before = power.seemedToFail();
      power.loseAnswersOfCatalog(1 + random.nextInt(3));
      return new Armed() {
        @Override
        public int fired() {
          return power.seemedToFail() - before;
        }

        @Override
        public void heal() {
          power.loseAnswersOfCatalog(0);
        }
      };
    }
  };

  private static final int ONE_IN = 3;

  private final @Nullable Lie lie;

  FaultKind() {
    this(null);
  }

  FaultKind(@Nullable Lie lie) {
    this.lie = lie;
  }

  /** A fault in force. */
  interface Armed {
    /** How often it has struck. */
    int fired();

    void heal() throws Exception;
  }

  private interface Tampering {
    void with(ObjectKey key) throws Exception;
  }

  /** A kind that is no lie has its own. */
  Armed arm(World world, Random random) throws Exception {
    return ArmedLie.arm(world, random, Objects.requireNonNull(lie));
  }

  private static StoreException unavailable(String call) {
    return new StoreException.Unavailable(call, null);
  }

  private static Armed of(Fault... faults) {
    return new Armed() {
      @Override
      public int fired() {
        int fired = 0;
        for (Fault fault : faults) {
          fired += fault.fired();
        }
        return fired;
      }

      @Override
      public void heal() {
        for (Fault fault : faults) {
          fault.release();
        }
      }
    };
  }

  /**
   * Told by the key and how often it was asked for, and not by who was first among threads. What
   * the archiver keeps for itself is asked for by a thread of its own, at any time, so there the
   * key alone tells.
   */
  private static Predicate<String> oneInThree(Random random) {
    long salt = random.nextLong();
    ConcurrentMap<String, Integer> asked = new ConcurrentHashMap<>();
    return key -> {
      int times = World.isOwn(key) ? 0 : asked.merge(key, 1, Integer::sum);
      return isOneInThree(salt, key, times);
    };
  }

  static boolean isOneInThree(long salt, String key, int times) {
    long mixed = (salt + key.hashCode() * 31L + times) * 0x9E3779B97F4A7C15L;
    return (mixed >>> 33) % ONE_IN == 0;
  }

  /** Only while this machine has the segment, too: of the last copy nobody could bring it back. */
  private static Armed tamper(World world, Random random, Tampering tampering) throws Exception {
    List<ObjectKey> keys = new ArrayList<>();
    Optional<Written> chosen = world.model.any(random);
    int file = random.nextInt(3);
    if (chosen.isPresent()) {
      boolean staysHere =
          world
              .tiers()
              .find(chosen.get().id())
              .map(SegmentMetadata::state)
              .map(
                  state ->
                      state instanceof SegmentState.Archived
                          || (state instanceof SegmentState.Restored
                              && world.machine.keepsWhatIsRestored()))
              .orElse(false);
      String extension = List.of(FileKind.LOG.extension(), "index", "manifest.json").get(file);
      ObjectKey key = World.key(chosen.get().id(), extension);
      if (staysHere
          && world.machine.hasFiles(chosen.get().id())
          && world.bucket.head(key).isPresent()) {
        tampering.with(key);
        world.tamperedWith(key.value());
        keys.add(key);
      }
    }
    return new Armed() {
      @Override
      public int fired() {
        return keys.size();
      }

      @Override
      public void heal() {}
    };
  }
}
