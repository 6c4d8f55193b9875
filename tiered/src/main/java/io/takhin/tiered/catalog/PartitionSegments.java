package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one partition: two parallel arrays in the order of the base offset.
 *
 * <p>Why arrays: a log is appended to at its end and read in order, so the sorted array costs 12
 * bytes per segment, needs no hash table beside it for {@link #covering}, and a scan in log order
 * reads neighbouring memory. A lookup guesses the position from the offset, as segments of a
 * partition hold about equally many records, and then widens the guess until it brackets the
 * offset, so it costs O(log of the guess's error): one probe for even segments, and never more than
 * a binary search from the wrong end.
 *
 * <p>Sharing: one writer at a time changes a partition (the catalog's publication lock), any thread
 * reads without a lock. A reader takes one {@link View}, whose offsets never change below its
 * length; a new element is written before the view that shows it is stored, and that volatile store
 * is the happens-before edge. A replaced element is stored with release and loaded with acquire. A
 * removed element leaves an empty slot, so that views in use stay aligned; when the holes outnumber
 * the segments, or an element has to go in between, the writer copies to new arrays.
 */
final class PartitionSegments {
  private static final int INITIAL_CAPACITY = 8;

  /** A cache line of offsets to each side. */
  private static final int NEAR_STEPS = 8;

  private static final VarHandle SLOT =
      MethodHandles.arrayElementVarHandle(SegmentMetadata[].class);

  private volatile View view =
      new View(new long[INITIAL_CAPACITY], new SegmentMetadata[INITIAL_CAPACITY], 0);

  /** The one instance that all segments held here share. */
  private final PartitionId partition;

  /** The partition's hash, one hop nearer. */
  private final int hash;

  /** Elements that are not holes; touched by the writer only. */
  private int size;

  PartitionSegments(PartitionId partition) {
    this.partition = partition;
    this.hash = partition.hashCode();
  }

  PartitionId partition() {
    return partition;
  }

  int hash() {
    return hash;
  }

  /** Offsets and segments {@code [0, length)}; slots beyond belong to the writer. */
  private static final class View {
    final long[] offsets;
    final @Nullable SegmentMetadata[] slots;
    final int length;
    final long first;

    /** Slots per offset: where an offset would lie if all segments were equally long. */
    final double density;

    View(long[] offsets, @Nullable SegmentMetadata[] slots, int length) {
      this.offsets = offsets;
      this.slots = slots;
      this.length = length;
      this.first = length == 0 ? 0 : offsets[0];
      long span = length < 2 ? 0 : offsets[length - 1] - first;
      this.density = span == 0 ? 0 : (length - 1) / (double) span;
    }

    @Nullable SegmentMetadata slot(int index) {
      return (SegmentMetadata) SLOT.getAcquire(slots, index);
    }

    /** Where the offset would lie if all segments were equally long, or -1 if before the first. */
    int guess(long offset) {
      return offset < first ? -1 : Math.min((int) ((offset - first) * density + 0.5), length - 1);
    }

    /**
     * The slot that begins at the offset if it is within a few steps of the guess, or -1. A walk in
     * one direction, because its length changes little from one lookup to the next in log order,
     * and the processor predicts it.
     */
    int near(long offset) {
      int index = guess(offset);
      if (index < 0) {
        return -1;
      }
      int end = Math.min(index + NEAR_STEPS, length - 1);
      while (index < end && offsets[index] < offset) {
        index++;
      }
      int start = Math.max(index - NEAR_STEPS, 0);
      while (index > start && offsets[index] > offset) {
        index--;
      }
      return offsets[index] == offset ? index : -1;
    }

    /** The last slot whose offset is not above the given one, or -1. */
    int floor(long offset) {
      int guess = guess(offset);
      if (guess < 0) {
        return -1;
      }
      return offsets[guess] <= offset ? floorUpwards(offset, guess) : floorDownwards(offset, guess);
    }

    private int floorUpwards(long offset, int guess) {
      int low = guess;
      int step = 1;
      while (low + step < length && offsets[low + step] <= offset) {
        low += step;
        step <<= 1;
      }
      return bisect(offset, low, Math.min(length, low + step));
    }

    private int floorDownwards(long offset, int guess) {
      int high = guess;
      int step = 1;
      while (high - step > 0 && offsets[high - step] > offset) {
        high -= step;
        step <<= 1;
      }
      return bisect(offset, Math.max(0, high - step), high);
    }

    /**
     * Requires {@code offsets[low] <= offset} and, unless high is the length, the opposite there.
     */
    private int bisect(long offset, int from, int to) {
      int low = from;
      int high = to;
      while (high - low > 1) {
        int middle = (low + high) >>> 1;
        if (offsets[middle] <= offset) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  /** The segment that begins at the offset, or null. */
  @Nullable SegmentMetadata at(long baseOffset) {
    View now = view;
    int near = now.near(baseOffset);
    if (near >= 0) {
      return now.slot(near); // The usual case, kept short so that it is inlined where it is used.
    }
    int index = now.floor(baseOffset);
    return index >= 0 && now.offsets[index] == baseOffset ? now.slot(index) : null;
  }

  /** The segment with {@code baseOffset <= offset < endOffset}. */
  Optional<SegmentMetadata> covering(long offset) {
    View now = view;
    for (int index = now.floor(offset); index >= 0; index--) {
      SegmentMetadata segment = now.slot(index);
      if (segment != null) {
        return offset < segment.endOffset() ? Optional.of(segment) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** All segments in offset order. */
  List<SegmentMetadata> all() {
    List<SegmentMetadata> found = new ArrayList<>();
    View now = view;
    for (int index = 0; index < now.length; index++) {
      SegmentMetadata segment = now.slot(index);
      if (segment != null) {
        found.add(segment);
      }
    }
    return found;
  }

  /**
   * Hands on the segments above the offset in their order until the visitor answers false.
   *
   * @param after -1 for the beginning
   * @return false when the visitor stopped it
   */
  boolean visitAfter(long after, Predicate<SegmentMetadata> visitor) {
    View now = view;
    for (int index = now.floor(after) + 1; index < now.length; index++) {
      SegmentMetadata segment = now.slot(index);
      if (segment != null && !visitor.test(segment)) {
        return false;
      }
    }
    return true;
  }

  /** Adds or replaces. Writer only. */
  void put(SegmentMetadata added) {
    SegmentMetadata segment = sharingPartition(added);
    View now = view;
    long baseOffset = segment.id().baseOffset();
    int floor = now.floor(baseOffset);
    if (floor >= 0 && now.offsets[floor] == baseOffset) {
      if (now.slots[floor] == null) {
        size++;
      }
      SLOT.setRelease(now.slots, floor, segment);
    } else if (floor == now.length - 1 && now.length < now.offsets.length) {
      now.offsets[now.length] = baseOffset;
      now.slots[now.length] = segment;
      view = new View(now.offsets, now.slots, now.length + 1);
      size++;
    } else {
      view = copy(now, segment);
      size++;
    }
  }

  @SuppressWarnings("ReferenceEquality") // Equal is not enough: one instance in memory is the aim.
  private SegmentMetadata sharingPartition(SegmentMetadata segment) {
    SegmentId id = segment.id();
    return id.partition() == partition
        ? segment
        : segment.withId(new SegmentId(partition, id.baseOffset()));
  }

  /** Removes what begins at the offset, if anything does. Writer only. */
  void remove(long baseOffset) {
    View now = view;
    int index = now.floor(baseOffset);
    if (index < 0 || now.offsets[index] != baseOffset || now.slots[index] == null) {
      return;
    }
    SLOT.setRelease(now.slots, index, null);
    size--;
    if (size < now.length / 2) {
      view = copy(now, null);
    }
  }

  /** Whether nothing is left. Writer only. */
  boolean isEmpty() {
    return size == 0;
  }

  /** The same without holes, with the added segment in its place and with room at the end. */
  private View copy(View now, @Nullable SegmentMetadata added) {
    int capacity = Math.max(INITIAL_CAPACITY, size + (size >> 1) + 1);
    long[] offsets = new long[capacity];
    @Nullable SegmentMetadata[] slots = new SegmentMetadata[capacity];
    @Nullable SegmentMetadata waiting = added;
    int length = 0;
    for (int index = 0; index < now.length; index++) {
      SegmentMetadata segment = now.slots[index];
      if (segment == null) {
        continue;
      }
      if (waiting != null && waiting.id().baseOffset() < now.offsets[index]) {
        offsets[length] = waiting.id().baseOffset();
        slots[length++] = waiting;
        waiting = null;
      }
      offsets[length] = now.offsets[index];
      slots[length++] = segment;
    }
    if (waiting != null) {
      offsets[length] = waiting.id().baseOffset();
      slots[length++] = waiting;
    }
    return new View(offsets, slots, length);
  }
}
