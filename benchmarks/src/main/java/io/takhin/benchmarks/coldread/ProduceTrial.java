package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Limit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/**
 * A producer sends at a steady rate, in turn with nobody else and beside others. Each kind of
 * others tells something apart: threads that use the processor and no broker; consumers of cold
 * data, who read as fast as they can, or as one does that has something to do with its records; and
 * consumers of what is local, as fast as they can, or as fast as those of cold data lately could.
 */
final class ProduceTrial {
  private static final int OTHERS = 4;
  private static final int SECONDS = 4;
  private static final int WARM_UP_SECONDS = 15;

  /** Of nobody and cold readers, in turn, in each round; of the others one each. */
  private static final int PAIRS = 3;

  /** About what a network of 100 Mbit/s brings to each. */
  private static final long SLOW_BYTES_PER_SECOND = 12_500_000;

  private static final double MOST_P99_RATIO = 1.2;

  /** Who is there besides the producer. */
  private enum Beside {
    NOBODY("without others"),
    COLD("beside four cold readers"),
    BURNERS("beside four threads that burn"),
    LOCAL("beside four local readers"),
    LOCAL_SLOW("beside four local readers at the rate of the cold ones"),
    COLD_SLOW("beside four cold readers of 12.5 MB/s");

    private final String text;

    Beside(String text) {
      this.text = text;
    }
  }

  private final LoadProcess producer;
  private final LoadProcess load;
  private final List<Long> cold;
  private final List<Long> local;
  private final Options options;
  private final Samples samples = new Samples(BrokerTrial.PART, Defaults.FAR_MILLIS);

  /** What was measured, in order. */
  private final Map<Beside, List<ProduceTimes>> slices = new EnumMap<>(Beside.class);

  /** What cold readers got when they were last measured, each. */
  private long coldBytesPerSecond = SLOW_BYTES_PER_SECOND;

  /**
   * @param cold where cold segments begin, and the last ends
   * @param local two offsets between which all is local
   */
  ProduceTrial(
      LoadProcess producer, LoadProcess load, List<Long> cold, List<Long> local, Options options) {
    this.producer = producer;
    this.load = load;
    this.cold = cold;
    this.local = local;
    this.options = options;
  }

  List<Finding> run() throws IOException {
    for (Beside beside : List.of(Beside.NOBODY, Beside.COLD)) {
      once(beside, WARM_UP_SECONDS);
    }
    for (int round = 0; round < options.rounds(); round++) {
      for (int pair = 0; pair < PAIRS; pair++) {
        boolean isTurned = (round + pair) % 2 == 1; // Whatever follows what counts for neither.
        measure(isTurned ? Beside.COLD : Beside.NOBODY);
        measure(isTurned ? Beside.NOBODY : Beside.COLD);
      }
      for (Beside beside : EnumSet.complementOf(EnumSet.of(Beside.NOBODY, Beside.COLD))) {
        measure(beside);
      }
    }
    return findings();
  }

  private void measure(Beside beside) throws IOException {
    ProduceTimes times = once(beside, SECONDS);
    slices.computeIfAbsent(beside, kind -> new ArrayList<>()).add(times);
    samples.add(p50(beside), times.p50Millis());
    samples.add(p99(beside), times.p99Millis());
    samples.add(late(beside), times.lateP99Millis());
  }

  private ProduceTimes once(Beside beside, int seconds) throws IOException {
    switch (beside) {
      case NOBODY -> {}
      case BURNERS -> load.burn(OTHERS);
      case LOCAL -> load.read(BrokerTrial.LOCAL, OTHERS, 0, local);
      case LOCAL_SLOW -> load.read(BrokerTrial.LOCAL, OTHERS, coldBytesPerSecond, local);
      case COLD -> load.read(BrokerTrial.COLD, OTHERS, 0, cold);
      case COLD_SLOW -> load.read(BrokerTrial.COLD, OTHERS, SLOW_BYTES_PER_SECOND, cold);
    }
    ProduceTimes times = producer.produce(seconds);
    if (beside != Beside.NOBODY) {
      double rate = load.stop();
      samples.add(rate(beside), rate);
      if (beside == Beside.COLD) {
        coldBytesPerSecond = (long) (rate * 1e6 / OTHERS);
      }
    }
    return times;
  }

  private List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (Beside beside : Beside.values()) {
      findings.add(samples.finding(p50(beside), "ms", Limit.NONE));
      findings.add(samples.finding(p99(beside), "ms", Limit.NONE));
      findings.add(samples.finding(late(beside), "ms", Limit.NONE));
      if (beside != Beside.NOBODY) {
        findings.add(ratio(beside));
      }
      if (beside != Beside.NOBODY && beside != Beside.BURNERS) {
        findings.add(samples.finding(rate(beside), "MB/s", Limit.NONE));
      }
    }
    return findings;
  }

  private Finding ratio(Beside beside) {
    return new Finding(
        BrokerTrial.PART,
        "produce p99 " + beside.text + " / without, of all slices together",
        Defaults.FAR_MILLIS,
        PooledRatio.of(
            slices.getOrDefault(beside, List.of()), slices.getOrDefault(Beside.NOBODY, List.of())),
        "×",
        beside == Beside.COLD ? Limit.atMost(MOST_P99_RATIO) : Limit.NONE);
  }

  private static String p50(Beside beside) {
    return "produce p50 " + beside.text;
  }

  private static String p99(Beside beside) {
    return "produce p99 " + beside.text;
  }

  private static String late(Beside beside) {
    return "of it, until the producer's thread had its turn, p99, " + beside.text;
  }

  private static String rate(Beside beside) {
    return "read together " + beside.text;
  }
}
