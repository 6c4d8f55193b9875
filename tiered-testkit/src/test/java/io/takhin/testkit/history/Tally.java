package io.takhin.testkit.history;

import io.takhin.tiered.segment.DurableStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What a run of histories has seen. Any thread. */
final class Tally {
  /** Made by no operation of the histories; scenes of the crash tests make them. */
  private static final Set<DurableStep> MADE_ELSEWHERE =
      EnumSet.of(DurableStep.RECORD_AMEND, DurableStep.REPAIR_LOCAL_FILE, DurableStep.ABORT_UPLOAD);

  private final Map<Operation, AtomicLong> succeeded = counters(Operation.class);
  private final Map<Operation, AtomicLong> refused = counters(Operation.class);
  private final Map<FaultKind, AtomicLong> fired = counters(FaultKind.class);
  private final Set<DurableStep> steps = ConcurrentHashMap.newKeySet();

  private static <E extends Enum<E>> Map<E, AtomicLong> counters(Class<E> type) {
    Map<E, AtomicLong> counters = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      counters.put(value, new AtomicLong());
    }
    return counters;
  }

  private static <E extends Enum<E>> AtomicLong count(Map<E, AtomicLong> counters, E of) {
    return Objects.requireNonNull(counters.get(of));
  }

  void succeeded(Operation operation) {
    count(succeeded, operation).incrementAndGet();
  }

  void refused(Operation operation) {
    count(refused, operation).incrementAndGet();
  }

  void fired(FaultKind kind, int times) {
    count(fired, kind).addAndGet(times);
  }

  void steps(Set<DurableStep> made) {
    steps.addAll(made);
  }

  /** The operations that never succeeded, faults that never fired, and steps never made. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    succeeded.forEach((operation, count) -> addIfNone(missing, operation, count));
    fired.forEach((kind, count) -> addIfNone(missing, kind, count));
    Arrays.stream(DurableStep.values())
        .filter(step -> !steps.contains(step) && !MADE_ELSEWHERE.contains(step))
        .forEach(step -> missing.add(step.name()));
    return missing;
  }

  /** Of the operations that are done at the same time as others, those that never succeeded. */
  List<String> missingTogether() {
    List<String> missing = new ArrayList<>();
    succeeded.forEach(
        (operation, count) -> {
          if (operation.isDoneTogether()) {
            addIfNone(missing, operation, count);
          }
        });
    return missing;
  }

  private static void addIfNone(List<String> missing, Enum<?> what, AtomicLong count) {
    if (count.get() == 0) {
      missing.add(what.name());
    }
  }

  long operations() {
    return sum(succeeded) + sum(refused);
  }

  long faults() {
    return sum(fired);
  }

  private static long sum(Map<?, AtomicLong> counters) {
    return counters.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /** A table of both, a line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    succeeded.forEach(
        (operation, count) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%-20s succeeded %8d refused %8d",
                    operation,
                    count.get(),
                    count(refused, operation).get())));
    fired.forEach(
        (kind, count) ->
            lines.add(String.format(Locale.ROOT, "%-20s fired     %8d", kind, count.get())));
    return lines;
  }
}
