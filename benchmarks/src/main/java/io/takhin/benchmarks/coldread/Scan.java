package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * A set that is read often and takes half of the cache, and a reader that goes once through ten
 * times as much as the cache holds. How often the set is found in the cache is counted before the
 * scan, during it, when one read of the set goes with each 4 MiB scanned, and after it; the worse
 * of the two counts. The cache is full when the set is read first, as one is that has run for a
 * while. Once more without that: Caffeine counts no uses before a cache is half full.
 */
final class Scan {
  static final String HOT_TOPIC = "hot";
  private static final String PART = "scan of 10 × the cache";
  private static final int SCANNED_PER_CACHED = 10;
  private static final int WARM_PASSES = 4;
  private static final int SCANNED_READS_PER_HOT = 4;
  private static final int READ_AHEAD_SHARE = 4;
  private static final long SEED = 20_261_121;
  private static final double MOST_LOST_POINTS = 5;
  private static final double MOST_AMPLIFICATION = 1.1;

  private static final String BEFORE = "hit ratio of the hot set before";
  private static final String DURING = "hit ratio of the hot set during";
  private static final String AFTER = "hit ratio of the hot set after";
  private static final String LOST = "points lost by the hot set";
  private static final String FRESH = "points lost if nothing but the hot set was ever read before";
  private static final String AMPLIFICATION = "bytes fetched / scanned";

  private final Site site;
  private final SegmentId hot;
  private final List<SegmentId> scanned;
  private final long segmentBytes;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(Defaults.READ_BYTES);
  private final ByteBuffer chunk = ByteBuffer.allocateDirect(ReadIndex.CHUNK_BYTES);

  /**
   * @param hot a segment of at least half of {@link #cacheBytes}
   * @param segmentBytes of each log that is scanned
   */
  Scan(Site site, SegmentId hot, List<SegmentId> scanned, long segmentBytes) {
    this.site = site;
    this.hot = hot;
    this.scanned = scanned;
    this.segmentBytes = segmentBytes;
  }

  static long cacheBytes(long scannedBytes) {
    long bytes = scannedBytes / SCANNED_PER_CACHED;
    return bytes - bytes % (2L * ReadIndex.CHUNK_BYTES);
  }

  List<Finding> run(int rounds) throws Exception {
    Samples samples = new Samples(PART, 0);
    Samples fresh = new Samples(PART, 0);
    site.server().delay(0);
    for (int round = 0; round < rounds; round++) {
      once(new Random(SEED + round), true, samples);
      once(new Random(SEED + round), false, fresh);
    }
    samples.addAll(FRESH, fresh.values(LOST));
    return List.of(
        samples.finding(BEFORE, "%", Limit.NONE),
        samples.finding(DURING, "%", Limit.NONE),
        samples.finding(AFTER, "%", Limit.NONE),
        samples.finding(LOST, "", Limit.atMost(MOST_LOST_POINTS)),
        samples.finding(FRESH, "", Limit.NONE),
        samples.finding(AMPLIFICATION, "", Limit.atMost(MOST_AMPLIFICATION)));
  }

  private void once(Random random, boolean isFilled, Samples into) throws Exception {
    long scannedBytes = scanned.size() * segmentBytes;
    long cacheBytes = cacheBytes(scannedBytes);
    int hotChunks = Math.toIntExact(cacheBytes / 2 / ReadIndex.CHUNK_BYTES);
    try (ColdSegments cold = site.open(cacheBytes, cacheBytes / READ_AHEAD_SHARE)) {
      for (long at = 0; isFilled && at < cacheBytes; at += Defaults.READ_BYTES) {
        cold.read(scanned.get(scanned.size() - 1), at % segmentBytes, buffer);
      }
      double fetchedBefore = fetched(cold);
      for (int i = 0; i < WARM_PASSES * hotChunks; i++) {
        readHot(cold, random.nextInt(hotChunks));
      }
      double before = hits(cold, hotChunks, random);
      double hitsBefore = hot(cold, "hit");
      double missesBefore = hot(cold, "miss");
      int reads = 0;
      for (SegmentId id : scanned) {
        for (long at = 0; at < segmentBytes; at += Defaults.READ_BYTES) {
          cold.read(id, at, buffer);
          if (++reads % SCANNED_READS_PER_HOT == 0) {
            readHot(cold, random.nextInt(hotChunks));
          }
        }
      }
      double hits = hot(cold, "hit") - hitsBefore;
      double misses = hot(cold, "miss") - missesBefore;
      double after = hits(cold, hotChunks, random);
      into.add(BEFORE, before);
      into.add(DURING, 100 * hits / (hits + misses));
      into.add(AFTER, after);
      into.add(LOST, before - Math.min(after, 100 * hits / (hits + misses)));
      into.add(AMPLIFICATION, (fetched(cold) - fetchedBefore) / scannedBytes);
    }
  }

  /** Reads as many chunks of the set as it has, at random; how many in a hundred were here. */
  private double hits(ColdSegments cold, int hotChunks, Random random) throws Exception {
    double hits = hot(cold, "hit");
    double misses = hot(cold, "miss");
    for (int i = 0; i < hotChunks; i++) {
      readHot(cold, random.nextInt(hotChunks));
    }
    hits = hot(cold, "hit") - hits;
    misses = hot(cold, "miss") - misses;
    return 100 * hits / (hits + misses);
  }

  private void readHot(ColdSegments cold, int index) throws Exception {
    cold.read(hot, (long) index * ReadIndex.CHUNK_BYTES, chunk);
  }

  private double fetched(ColdSegments cold) {
    return cold.count("fetched.bytes", scanned.get(0).partition().topic());
  }

  private static double hot(ColdSegments cold, String outcome) {
    return cold.count("chunks", HOT_TOPIC, "outcome", outcome);
  }
}
