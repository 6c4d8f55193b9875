package io.takhin.testkit.history;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What was written, and what of it was asked to go: all that the archiver has to be true to. */
final class Model {
  private static final int LONGEST_LOG_BYTES = 8 << 20;
  private static final byte[] NOISE = noise();

  private final Map<SegmentId, Written> segments = new ConcurrentSkipListMap<>();
  private final Map<PartitionId, Long> ends = new ConcurrentHashMap<>();

  /** Counts machines: the next may write other records at offsets the last one had used. */
  private final AtomicInteger life = new AtomicInteger();

  /** The topics that a hold is known to keep. */
  private final Set<String> held = ConcurrentHashMap.newKeySet();

  /** How far the deletion of a segment has come. */
  enum Fate {
    KEPT,
    /** It may be readable or not. */
    DELETE_ASKED,
    DELETED,
    /** Only a machine had it that is no more. */
    LOST_WITH_MACHINE
  }

  /** A segment as the broker wrote it. */
  static final class Written {
    final SegmentMetadata sealed;
    private final int logBytes;
    private final int life;
    private volatile boolean registered;
    private volatile boolean givenUp;
    private volatile Fate fate = Fate.KEPT;

    private Written(SegmentMetadata sealed, int logBytes, int life) {
      this.sealed = sealed;
      this.logBytes = logBytes;
      this.life = life;
    }

    SegmentId id() {
      return sealed.id();
    }

    boolean isRegistered() {
      return registered;
    }

    void registered() {
      registered = true;
    }

    Fate fate() {
      return fate;
    }

    /** The disk was full, and it was among what was chosen to go; it may be here all the same. */
    void givenUp() {
      givenUp = true;
    }

    boolean isGivenUp() {
      return givenUp;
    }

    /** The bucket has all of it, and the next machine begins with what the bucket has. */
    void survivedMachine(boolean saidToBeDeleted) {
      registered = true;
      givenUp = false;
      if (fate == Fate.LOST_WITH_MACHINE || (fate == Fate.DELETED && !saidToBeDeleted)) {
        fate = Fate.DELETE_ASKED; // Nobody told the bucket.
      }
    }

    void lostWithMachine() {
      if (fate != Fate.DELETED) {
        fate = Fate.LOST_WITH_MACHINE;
      }
    }

    void deleteAsked() {
      if (fate == Fate.KEPT) {
        fate = Fate.DELETE_ASKED;
      }
    }

    /** Somebody wants it back: it may be readable or not. */
    void undeleteAsked() {
      fate = Fate.DELETE_ASKED;
    }

    void undeleted() {
      fate = Fate.KEPT;
    }

    void deleted() {
      fate = Fate.DELETED;
    }

    /** What the broker wrote, by file. */
    Map<FileKind, byte[]> files() {
      Map<FileKind, byte[]> files = new EnumMap<>(FileKind.class);
      files.put(FileKind.LOG, content(logBytes, 0));
      files.put(FileKind.INDEX, content(8 * (1 + logBytes % 9), 1));
      files.put(FileKind.TIMEINDEX, content(12 * (1 + logBytes % 5), 2));
      if (logBytes % 4 == 0) {
        files.put(FileKind.TXNINDEX, content(34, 3));
      }
      return files;
    }

    /** What the broker wrote to a file that there is. */
    byte[] file(FileKind kind) {
      return Objects.requireNonNull(files().get(kind));
    }

    /** No two files have the same, nor have the files of two lives. */
    private byte[] content(int bytes, int salt) {
      int mixed = id().hashCode() * 31 + salt * 7919 + life * 104_729;
      int from = Math.floorMod(mixed, NOISE.length - bytes);
      return Arrays.copyOfRange(NOISE, from, from + bytes);
    }
  }

  private static byte[] noise() {
    byte[] noise = new byte[LONGEST_LOG_BYTES + (1 << 20)];
    new Random(1).nextBytes(noise);
    return noise;
  }

  /** A segment behind the last of its partition; whose files are still to be written. */
  Written append(PartitionId partition, int logBytes, long nowMillis) {
    long end = ends.merge(partition, 100L, Long::sum);
    SegmentId id = new SegmentId(partition, end - 100);
    Written written =
        new Written(
            SegmentMetadata.sealed(id, end, nowMillis, logBytes, nowMillis), logBytes, life.get());
    segments.put(id, written);
    return written;
  }

  /** The next machine goes on where the partitions end, and knows nothing of what is behind. */
  void nextLife(Map<PartitionId, Long> endOffsets) {
    life.incrementAndGet();
    ends.clear();
    ends.putAll(endOffsets);
    segments
        .values()
        .removeIf(
            one -> one.id().baseOffset() >= endOffsets.getOrDefault(one.id().partition(), 0L));
  }

  /** From here on nothing of the topic may be removed. */
  void holds(String topic) {
    held.add(topic);
  }

  /** From here on it may, at least if the hold is over. */
  void mayHold(String topic) {
    held.remove(topic);
  }

  boolean isHeld(SegmentId id) {
    return held.contains(id.partition().topic());
  }

  List<Written> all() {
    return new ArrayList<>(segments.values());
  }

  Optional<Written> find(SegmentId id) {
    return Optional.ofNullable(segments.get(id));
  }

  /** One of those there ever were, the same for the same seed. */
  Optional<Written> any(Random random) {
    List<Written> all = all();
    // Also drawn when there is none, so that what is drawn afterwards does not depend on it.
    int drawn = random.nextInt() & Integer.MAX_VALUE;
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(drawn % all.size()));
  }

  /** The partition's segments that end at or below the offset. */
  List<Written> below(PartitionId partition, long offset) {
    return all().stream()
        .filter(one -> one.id().partition().equals(partition))
        .filter(one -> one.sealed.endOffset() <= offset)
        .toList();
  }
}
