package io.takhin.benchmarks.metadata;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The ids in the order in which they are asked for, kept in two flat arrays that are read from
 * start to end, so that what is measured is the catalog's memory and not that of the question.
 */
public final class Probes {
  private static final int COUNT = 1 << 20;
  private static final double ZIPF_EXPONENT = 0.99;

  private final PartitionId[] partitions;
  private final int[] partitionIndexes = new int[COUNT];
  private final long[] baseOffsets = new long[COUNT];

  /** Which segment is asked for next. */
  public enum Order {
    /** Always the same one. */
    SAME,
    /** One after the other, as a consumer reads. */
    LOG_ORDER,
    /** A few often, most rarely: the i-th by chance with weight i^-0.99. */
    ZIPF,
    /** Any, by chance. */
    RANDOM
  }

  Probes(Population population, Order order) {
    List<SegmentId> ids = population.ids();
    partitions = new PartitionId[population.partitions()];
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = Population.partition(i);
    }
    SplittableRandom random = new SplittableRandom(42);
    Zipf zipf = new Zipf(ids.size(), ZIPF_EXPONENT, random);
    for (int i = 0; i < COUNT; i++) {
      int index =
          switch (order) {
            case SAME -> ids.size() / 2;
            case LOG_ORDER -> i % ids.size();
            case ZIPF -> zipf.next();
            case RANDOM -> random.nextInt(ids.size());
          };
      SegmentId id = ids.get(index);
      partitionIndexes[i] = index / Population.PER_PARTITION;
      baseOffsets[i] = id.baseOffset();
    }
  }

  /** The i-th question, modulo their number: a new id, as a caller makes it. */
  SegmentId id(int i) {
    int at = i & (COUNT - 1);
    return new SegmentId(partitions[partitionIndexes[at]], baseOffsets[at]);
  }

  /** Ranks scattered over the ids, so that frequent ones are not neighbours. */
  private static final class Zipf {
    private final double[] cumulated;
    private final int[] ranks;
    private final SplittableRandom random;

    Zipf(int size, double exponent, SplittableRandom random) {
      this.random = random;
      cumulated = new double[size];
      ranks = new int[size];
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += Math.pow(i + 1.0, -exponent);
        cumulated[i] = sum;
        int swap = random.nextInt(i + 1);
        ranks[i] = ranks[swap];
        ranks[swap] = i;
      }
    }

    int next() {
      double wanted = random.nextDouble() * cumulated[cumulated.length - 1];
      int found = Arrays.binarySearch(cumulated, wanted);
      return ranks[Math.min(found < 0 ? -found - 1 : found, ranks.length - 1)];
    }
  }
}
