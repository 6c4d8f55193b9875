package io.takhin.tiered.read;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What cold reads cost, by topic. The first topics that are read have meters of their own; further
 * ones share those of {@value #OTHERS}, so that the number of meters is bounded. What {@link
 * ReadStats} tells is kept beside the registry, because a registry may be a no-op or have been told
 * to deny these meters.
 */
final class ReadMeters implements AutoCloseable {
  static final int MAX_TOPICS = 200;
  static final String OTHERS = "_others";

  /** For chunks that an earlier run has left and that were not read since. */
  static final String EARLIER = "_earlier";

  private static final String PREFIX = "tiered.storage.read.";

  private final MeterRegistry registry;
  private final ConcurrentMap<String, ByTopic> topics = new ConcurrentHashMap<>();
  private final List<Meter> gauges = new CopyOnWriteArrayList<>();
  private final Counter damaged;
  private final Counter quarantined;

  /**
   * Of one topic.
   *
   * @param hits chunks that were here when they were asked for
   * @param misses chunks that had to be waited for
   * @param fetchedBytes what came from the store, indexes included
   * @param servedBytes what readers were given of segments that only the bucket has
   * @param evictions chunks that made room for others
   * @param waits how long reads waited that could not be answered at once
   */
  record ByTopic(
      Tally hits,
      Tally misses,
      Counter demanded,
      Counter readAhead,
      Tally fetchedBytes,
      Tally servedBytes,
      Counter timeouts,
      Tally evictions,
      Waits waits) {
    private ReadCosts costs() {
      return new ReadCosts(
          hits.sum(),
          misses.sum(),
          servedBytes.sum(),
          fetchedBytes.sum(),
          evictions.sum(),
          waits.count().sum(),
          Duration.ofNanos(waits.nanos().sum()),
          Duration.ofNanos(waits.longestNanos().get()));
    }
  }

  /** A counter, and its value whatever the registry makes of it. */
  record Tally(Counter counter, LongAdder adder) {
    private Tally(Counter counter) {
      this(counter, new LongAdder());
    }

    void add(long amount) {
      adder.add(amount);
      counter.increment((double) amount);
    }

    private long sum() {
      return adder.sum();
    }
  }

  /** A timer, and its values whatever the registry makes of it. */
  record Waits(Timer timer, LongAdder count, LongAdder nanos, LongAccumulator longestNanos) {
    private Waits(Timer timer) {
      this(timer, new LongAdder(), new LongAdder(), new LongAccumulator(Math::max, 0));
    }

    void ended(long tookNanos) {
      long waitedNanos = Math.max(0, tookNanos);
      count.increment();
      nanos.add(waitedNanos);
      longestNanos.accumulate(waitedNanos);
      timer.record(Duration.ofNanos(waitedNanos));
    }
  }

  ReadMeters(MeterRegistry registry) {
    this.registry = registry;
    this.damaged = registry.counter(PREFIX + "chunks.damaged", "where", "cache");
    this.quarantined = registry.counter(PREFIX + "chunks.damaged", "where", "store");
  }

  ByTopic of(String topic) {
    ByTopic known = topics.get(topic);
    if (known != null) {
      return known;
    }
    String name = topics.size() < MAX_TOPICS ? topic : OTHERS;
    return topics.computeIfAbsent(name, this::create);
  }

  private ByTopic create(String topic) {
    return new ByTopic(
        new Tally(registry.counter(PREFIX + "chunks", "topic", topic, "outcome", "hit")),
        new Tally(registry.counter(PREFIX + "chunks", "topic", topic, "outcome", "miss")),
        registry.counter(PREFIX + "requests", "topic", topic, "reason", "demand"),
        registry.counter(PREFIX + "requests", "topic", topic, "reason", "ahead"),
        new Tally(registry.counter(PREFIX + "fetched.bytes", "topic", topic)),
        new Tally(registry.counter(PREFIX + "served.bytes", "topic", topic)),
        registry.counter(PREFIX + "timeouts", "topic", topic),
        new Tally(registry.counter(PREFIX + "chunk.evictions", "topic", topic)),
        new Waits(Timer.builder(PREFIX + "wait").tag("topic", topic).register(registry)));
  }

  /**
   * A chunk made room for others.
   *
   * @param readers those of its topic; null if nobody has read it since the start
   */
  void evicted(@Nullable ByTopic readers) {
    (readers == null ? of(EARLIER) : readers).evictions().add(1);
  }

  /** Of the topics that were read, since the start. */
  SortedMap<String, ReadCosts> costs() {
    SortedMap<String, ReadCosts> costs = new TreeMap<>();
    topics.forEach((topic, meters) -> costs.put(topic, meters.costs()));
    return costs;
  }

  /** A cached chunk was not what had been written. */
  void damaged() {
    damaged.increment();
  }

  /** The store returned something else than was archived. */
  void quarantined() {
    quarantined.increment();
  }

  /** A number that is asked for until this is closed. */
  void gauge(String name, String description, Supplier<Number> value) {
    gauges.add(Gauge.builder(PREFIX + name, value).description(description).register(registry));
  }

  /** Takes away the gauges; counters stay. */
  @Override
  public void close() {
    gauges.forEach(registry::remove);
  }
}
