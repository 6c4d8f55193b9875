package io.takhin.tiered.read;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.segment.ReadIndex;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slabs in one directory. Slots are taken from the lowest slab that has one, so that higher
 * ones run empty and can be deleted; a slab is added when none has. How many are used is the
 * cache's business: this grows by what is in flight or still being read, and shrinks with {@link
 * #trim}. Any thread.
 */
final class SlabStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlabStore.class);
  private static final String SUFFIX = ".slab";
  private static final int MIN_SLOTS = 64;
  private static final int MAX_SLOTS = 8192;

  /** About so many slabs for a full cache. */
  private static final int SLABS_WANTED = 128;

  private final Path directory;
  private final int slotsPerSlab;

  /** In the order of their numbers. */
  @GuardedBy("this")
  private final List<Slab> slabs = new ArrayList<>();

  @GuardedBy("this")
  private long nextNumber;

  @GuardedBy("this")
  private boolean closed;

  /** A place for one chunk. */
  record Slot(Slab slab, int index) {}

  /** A slab that is to be emptied gives no slots. */
  @GuardedBy("this")
  private @Nullable Slab draining;

  SlabStore(Path directory, long cacheBytes) {
    this.directory = directory;
    long wanted = cacheBytes / ReadIndex.CHUNK_BYTES / SLABS_WANTED;
    this.slotsPerSlab =
        (int) Math.min(MAX_SLOTS, Math.max(MIN_SLOTS, Long.highestOneBit(Math.max(1, wanted))));
  }

  /** What was found in a slab of an earlier run. */
  interface Finder {
    void found(Slot slot, Slab.Held held);
  }

  /**
   * Opens the slabs of an earlier run. One that cannot be read is deleted: it is a cache.
   *
   * @throws IOException if the directory cannot be used
   */
  void load(Finder finder) throws IOException {
    Files.createDirectories(directory);
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      found.forEach(files::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    files.sort(Comparator.comparingLong(SlabStore::number));
    for (Path file : files) {
      load(file, finder);
    }
  }

  private void load(Path file, Finder finder) throws IOException {
    List<Slab.Held> held = new ArrayList<>();
    Slab slab;
    try {
      slab = Slab.open(file, held);
    } catch (IOException e) {
      LOG.warn(
          "slab_dropped file={} problem=\"{}\" action=\"none, its chunks are fetched again\"",
          file,
          e.getMessage());
      Files.deleteIfExists(file);
      return;
    }
    synchronized (this) {
      slabs.add(slab);
      nextNumber = Math.max(nextNumber, number(file) + 1);
    }
    held.forEach(one -> finder.found(new Slot(slab, one.slot()), one));
  }

  private static long number(Path file) {
    String name = file.getFileName().toString();
    try {
      return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE - 1; // Not ours; opening it tells.
    }
  }

  /**
   * Takes slots, beside each other where that is possible.
   *
   * @throws IOException if there are too few and the disk takes no new slab; none is taken then
   */
  List<Slot> take(int count) throws IOException {
    List<Slot> taken = new ArrayList<>(count);
    try {
      while (!takeFree(count, taken)) {
        addSlab();
      }
      return taken;
    } catch (IOException e) {
      taken.forEach(slot -> giveBack(slot.slab(), slot.index()));
      throw e;
    }
  }

  private synchronized boolean takeFree(int count, List<Slot> taken) {
    for (Slab slab : slabs) {
      int slot = 0;
      while (slot >= 0 && taken.size() < count && slab != draining) {
        slot = slab.take();
        if (slot >= 0) {
          taken.add(new Slot(slab, slot));
        }
      }
    }
    return taken.size() == count;
  }

  /** Two who need one at the same time may add two; the surplus goes with {@link #trim}. */
  private void addSlab() throws IOException {
    long number;
    synchronized (this) {
      number = nextNumber++;
    }
    Slab slab = Slab.create(directory.resolve(number + SUFFIX), slotsPerSlab);
    synchronized (this) {
      if (!closed) {
        slabs.add(slab);
        return;
      }
    }
    slab.delete();
    throw new IOException("the chunk cache is closed: directory=" + directory);
  }

  synchronized void giveBack(Slab slab, int slot) {
    slab.giveBack(slot);
  }

  /** Bytes that the slots in use can hold. */
  synchronized long usedBytes() {
    long slots = slabs.stream().mapToLong(Slab::usedSlots).sum();
    return slots * ReadIndex.CHUNK_BYTES;
  }

  /** Bytes that the slabs take when they are full. */
  synchronized long capacityBytes() {
    return slabs.stream().mapToLong(Slab::capacityBytes).sum();
  }

  /**
   * Deletes empty slabs while there is more than the given capacity.
   *
   * @return the slab to be emptied next, if there is still too much; it gives no slots from now on
   */
  @Nullable Slab trim(long wantedBytes) {
    List<Slab> empty = new ArrayList<>();
    @Nullable Slab toEmpty = null;
    synchronized (this) {
      long surplus = capacityBytes() - wantedBytes;
      for (int at = slabs.size() - 1; at >= 0; at--) {
        Slab slab = slabs.get(at);
        if (slab.usedSlots() == 0 && surplus >= slab.capacityBytes()) {
          slabs.remove(at);
          surplus -= slab.capacityBytes();
          empty.add(slab);
        }
      }
      Optional<Slab> emptiest = slabs.stream().min(Comparator.comparingInt(Slab::usedSlots));
      if (emptiest.isPresent() && surplus >= emptiest.get().capacityBytes()) {
        toEmpty = emptiest.get();
      }
      draining = toEmpty;
    }
    empty.forEach(SlabStore::delete);
    return toEmpty;
  }

  private static void delete(Slab slab) {
    try {
      slab.delete();
    } catch (IOException e) {
      LOG.warn(
          "slab_not_deleted file={} problem=\"{}\" action=\"delete it while the process is"
              + " stopped\"",
          slab.file(),
          e.getMessage());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Slab slab : slabs) {
      try {
        slab.close();
      } catch (IOException e) {
        LOG.debug("slab_not_closed file={}", slab.file(), e);
      }
    }
  }
}
