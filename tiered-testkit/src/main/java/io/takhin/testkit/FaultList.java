package io.takhin.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * The faults in force, each with what decides whether it applies and what it does.
 *
 * @param <S> what is struck: a call or a request
 * @param <E> what a fault does
 */
final class FaultList<S, E> {
  private final List<Armed<S, E>> armed = new CopyOnWriteArrayList<>();

  void add(Fault fault, Predicate<S> applies, E effect) {
    armed.add(new Armed<>(fault, applies, effect));
  }

  /** The effects meant for the subject, in the order in which they were asked for. */
  List<E> claimedBy(S subject) {
    List<E> effects = new ArrayList<>();
    for (Armed<S, E> candidate : armed) {
      if (candidate.applies.test(subject) && candidate.fault.claims()) {
        effects.add(candidate.effect);
      }
    }
    return effects;
  }

  int fired() {
    return armed.stream().mapToInt(candidate -> candidate.fault.fired()).sum();
  }

  void assertAllFired() {
    List<Fault> idle =
        armed.stream().map(Armed::fault).filter(fault -> fault.fired() == 0).toList();
    if (!idle.isEmpty()) {
      throw new AssertionError("faults that never fired: " + idle);
    }
  }

  void releaseAll() {
    armed.forEach(candidate -> candidate.fault.release());
  }

  private record Armed<S, E>(Fault fault, Predicate<S> applies, E effect) {}
}
