package io.takhin.testkit.history;

import io.takhin.testkit.Lie;
import io.takhin.testkit.history.FaultKind.Armed;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/**
 * A lie in force, about one key in three, and never about what says who writes. Of what is written
 * wrong, not removed, or said to be wrong, nobody may know afterwards whose it is: a proof that was
 * refuted leaves a segment local, and its objects where they are until it is archived again.
 *
 * <p>Two lies are not told in histories, because there is no defence against them before the files
 * go. Nor are old answers: there is none either once the object was lost in another way, and of a
 * segment to which nothing happened no object is ever written twice. {@link LiesTest} tells all.
 */
final class ArmedLie implements Armed {
  private static final Set<Lie> ALTERING =
      EnumSet.of(
          Lie.DROPS_DELETES, Lie.TRUNCATES_WRITES, Lie.FLIPS_WRITES, Lie.TELLS_WRONG_CHECKSUM);

  private final World world;
  private final int toldBefore;

  private ArmedLie(World world) {
    this.world = world;
    this.toldBefore = world.lies.told();
  }

  /** Begins to lie; the store tells one lie at a time, so a second one is never told. */
  static Armed arm(World world, Random random, Lie lie) throws Exception {
    long salt = random.nextLong();
    world.deliverLate();
    if (!world.beginLie()) {
      return new Armed() {
        @Override
        public int fired() {
          return 0;
        }

        @Override
        public void heal() {}
      };
    }
    ArmedLie armed = new ArmedLie(world);
    world.lies.lie(lie, key -> armed.isAbout(lie, salt, key));
    return armed;
  }

  private boolean isAbout(Lie lie, long salt, String key) {
    if (World.isOwn(key) || !FaultKind.isOneInThree(salt, key, 0)) {
      return false;
    }
    if (ALTERING.contains(lie)) {
      world.tamperedWith(key);
    }
    return true;
  }

  @Override
  public int fired() {
    return world.lies.told() - toldBefore;
  }

  @Override
  public void heal() {
    world.lies.beHonest();
    world.endLie();
  }
}
