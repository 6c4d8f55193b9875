package io.takhin.kafka;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.takhin.console.remote.RemoteStats;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.server.log.remote.storage.RemoteResourceNotFoundException;

/**
 * Counts and times what the broker asks for: {@code takhin_kafka_calls}, by {@code call} and {@code
 * outcome}. A fetch has ended when its first bytes are here.
 */
final class Calls {
  private final Map<Kind, Map<Outcome, Timer>> timers = new EnumMap<>(Kind.class);

  /** What was asked for. */
  enum Kind {
    COPY,
    FETCH,
    FETCH_INDEX,
    DELETE
  }

  /** How it ended; that there is nothing is an answer. */
  private enum Outcome {
    DONE,
    FAILED,
    ABSENT
  }

  Calls(MeterRegistry meters) {
    for (Kind kind : Kind.values()) {
      Map<Outcome, Timer> ofKind = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        ofKind.put(
            outcome,
            Timer.builder("takhin_kafka_calls")
                .description("Calls of the broker, by what it asked for and how they ended")
                .tag("call", label(kind))
                .tag("outcome", label(outcome))
                .register(meters));
      }
      timers.put(kind, ofKind);
    }
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Runs a call and counts it, whatever comes of it. */
  <T> T time(Kind kind, KafkaErrors.Call<T> call) throws Exception {
    long began = System.nanoTime();
    Outcome outcome = Outcome.FAILED;
    try {
      T answer = call.run();
      outcome = Outcome.DONE;
      return answer;
    } catch (RemoteResourceNotFoundException e) {
      outcome = Outcome.ABSENT;
      throw e;
    } finally {
      timer(kind, outcome).record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
    }
  }

  private Timer timer(Kind kind, Outcome outcome) {
    return requireNonNull(requireNonNull(timers.get(kind)).get(outcome)); // There is one for each.
  }

  /** Since the start, by label. */
  SortedMap<String, RemoteStats.Calls> counts() {
    SortedMap<String, RemoteStats.Calls> counts = new TreeMap<>();
    for (Kind kind : Kind.values()) {
      double millis = 0;
      for (Outcome outcome : Outcome.values()) {
        millis += timer(kind, outcome).totalTime(TimeUnit.MILLISECONDS);
      }
      counts.put(
          label(kind),
          new RemoteStats.Calls(
              timer(kind, Outcome.DONE).count(),
              timer(kind, Outcome.FAILED).count(),
              timer(kind, Outcome.ABSENT).count(),
              (long) millis));
    }
    return counts;
  }
}
