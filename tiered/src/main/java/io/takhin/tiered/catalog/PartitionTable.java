package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.PartitionId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Partition → its segments: a hash table whose slots point straight at the segments, with no entry
 * object in between, because each hop of a lookup is a wait for memory.
 *
 * <p>Open addressing with linear probing, at most half full. One writer at a time, under the
 * catalog's publication lock; readers take no lock. A slot is stored with release and loaded with
 * acquire; a slot in use never changes, for to remove or to grow makes a new array, and the
 * volatile store of the array shows it.
 */
final class PartitionTable {
  private static final int INITIAL_CAPACITY = 16;
  private static final int FIBONACCI = 0x9E3779B9;
  private static final VarHandle SLOT =
      MethodHandles.arrayElementVarHandle(PartitionSegments[].class);

  private volatile @Nullable PartitionSegments[] slots = new PartitionSegments[INITIAL_CAPACITY];

  /** Slots in use; writer only. */
  private int size;

  @Nullable PartitionSegments get(PartitionId partition) {
    @Nullable PartitionSegments[] now = slots;
    int hash = partition.hashCode();
    for (int index = first(hash, now.length); ; index = (index + 1) & (now.length - 1)) {
      PartitionSegments found = (PartitionSegments) SLOT.getAcquire(now, index);
      if (found == null || (found.hash() == hash && found.partition().equals(partition))) {
        return found;
      }
    }
  }

  /** Adds what is not there yet. */
  void add(PartitionSegments segments) {
    @Nullable PartitionSegments[] now = slots;
    if (2 * (size + 1) > now.length) {
      now = copy(now, 2 * now.length, null);
    }
    insert(now, segments);
    size++;
    slots = now;
  }

  void remove(PartitionSegments segments) {
    slots = copy(slots, slots.length, segments);
    size--;
  }

  @SuppressWarnings("ReferenceEquality") // Exactly this one is to be left out.
  private static @Nullable PartitionSegments[] copy(
      @Nullable PartitionSegments[] from, int capacity, @Nullable PartitionSegments without) {
    @Nullable PartitionSegments[] copy = new PartitionSegments[capacity];
    for (PartitionSegments segments : from) {
      if (segments != null && segments != without) {
        insert(copy, segments);
      }
    }
    return copy;
  }

  private static void insert(@Nullable PartitionSegments[] into, PartitionSegments segments) {
    int index = first(segments.hash(), into.length);
    while (into[index] != null) {
      index = (index + 1) & (into.length - 1);
    }
    SLOT.setRelease(into, index, segments);
  }

  /** The upper bits of the product, which every bit of the hash has a part in. */
  private static int first(int hash, int capacity) {
    return (hash * FIBONACCI) >>> (Integer.numberOfLeadingZeros(capacity) + 1);
  }
}
