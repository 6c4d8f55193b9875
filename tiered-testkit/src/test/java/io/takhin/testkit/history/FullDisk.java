package io.takhin.testkit.history;

import io.takhin.testkit.Fault;
import io.takhin.tiered.disk.DiskMarks;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/** The disk fills, and the oldest goes that nobody else has, if the store does not help. */
final class FullDisk {
  /** How long the archiver waits for a store that answers. */
  private static final Duration PATIENCE = Duration.ofSeconds(31);

  private FullDisk() {}

  private enum StoreThen {
    DOWN,
    REFUSING,
    TAKING
  }

  /**
   * @throws NotNowException while the bucket has lost what it had proved: a disk that is full is
   *     relieved by the word of the catalog, if the store does not answer
   */
  static String pass(World world, Random random) throws Exception {
    long fullBytes = DiskMarks.DEFAULT.fullBytes(Machine.DISK_BYTES);
    long usedBytes = fullBytes + random.nextInt((int) (Machine.DISK_BYTES - fullBytes));
    StoreThen then = StoreThen.values()[random.nextInt(StoreThen.values().length)];
    world.machine.awaitQuiet();
    world.truth.requireWhole();
    Optional<Fault> fault = fault(world, then);
    long before = world.tiers().gaps().lostBytes();
    world.machine.diskUsed(usedBytes);
    try {
      world.tiers().runPolicy();
      world.machine.awaitQuiet();
      world.clock.advance(PATIENCE);
      world.tiers().runPolicy();
      world.machine.awaitQuiet();
      return then + " given_up_bytes=" + (world.tiers().gaps().lostBytes() - before);
    } finally {
      world.machine.diskUsed(0);
      fault.ifPresent(Fault::release);
    }
  }

  private static Optional<Fault> fault(World world, StoreThen then) {
    return switch (then) {
      case DOWN ->
          Optional.of(
              world.faults.on().failBefore(call -> new StoreException.Unavailable(call, null)));
      case REFUSING ->
          Optional.of(
              world
                  .faults
                  .on(StoreOperation.PUT, StoreOperation.CREATE_MULTIPART)
                  .keys(key -> !World.isOwn(key))
                  .failBefore(call -> new StoreException.Rejected(call, null)));
      case TAKING -> Optional.empty();
    };
  }
}
