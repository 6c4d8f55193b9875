package io.takhin.tiered.read;

import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks beside each other, fetched with one request and told to their readers one by one, as they
 * come. Filled by the thread that makes it, then run once by a thread of the lanes. A run that is
 * proved as a whole spans its object, and keeps those chunks that are wanted.
 *
 * <p>A chunk whose checksum differs, or at which the body ends early, is fetched once more; the
 * second time it is set apart, and the rest goes on. A connection that breaks is taken up again at
 * the chunk where it broke, a few times.
 *
 * <p>The chunks of a log may come before what proves them, because the first reader of a segment
 * asks for both at once. They lie in their slots then, known to nobody, until {@link #proved} goes
 * through them: on the thread that brings the proof, after the run's own has left it, so no thread
 * waits. Whatever cannot be accepted is fetched by a second turn on the lanes.
 */
final class ChunkRun implements FetchLanes.Task, ChunkSplitter.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkRun.class);
  private static final int MAX_RESUMPTIONS = 4;

  private final ChunkFetcher fetcher;
  private final RemoteFile file;
  private final CompletableFuture<ChunkProof> proof;
  private final int first;
  private final boolean isAhead;
  private final ReadMeters.ByTopic meters;

  /** Of chunk {@code first + i}; null when it has ended, or is not wanted. */
  private final List<ChunkFetcher.@Nullable Flight> flights = new ArrayList<>();

  /** Of chunk {@code first + i}; null when the cache has taken it, or it is not wanted. */
  private final List<SlabStore.@Nullable Slot> places = new ArrayList<>();

  private int wanted;

  /** Chunks that came wrong once. */
  private final Set<Integer> struck = new HashSet<>();

  /** Of a run that is proved as a whole: what has come, by chunk. */
  private final List<Integer> arrived = new ArrayList<>();

  /** The checksums of those that came before their proof, by chunk; the slots hold these bytes. */
  private final NavigableMap<Integer, Integer> unproved = new TreeMap<>();

  /** The whole run was asked for. */
  private boolean hasAsked;

  /**
   * @param proof may come later than the chunks
   */
  ChunkRun(
      ChunkFetcher fetcher,
      RemoteFile file,
      CompletableFuture<ChunkProof> proof,
      int first,
      boolean isAhead) {
    this.fetcher = fetcher;
    this.file = file;
    this.proof = proof;
    this.first = first;
    this.isAhead = isAhead;
    this.meters = fetcher.meters().of(file.topic());
    for (int chunk = 0; file.isProvedWhole() && chunk < file.chunkCount(); chunk++) {
      flights.add(null);
    }
  }

  /** In a run that is not proved as a whole, the chunk that follows the last. */
  void add(int chunk, ChunkFetcher.Flight flight) {
    if (file.isProvedWhole()) {
      flights.set(chunk - first, flight);
    } else {
      flights.add(flight);
    }
    wanted++;
  }

  /** Chunks that are fetched only because those around them are. */
  void addUnwanted(int count) {
    flights.addAll(Collections.nCopies(count, null));
  }

  int size() {
    return flights.size();
  }

  boolean isEmpty() {
    return wanted == 0;
  }

  int end() {
    return first + flights.size();
  }

  boolean isAhead() {
    return isAhead;
  }

  @Override
  public void refuse() {
    failAll(new ReadRefusedException(file.segment(), "too much waits, or the archiver is closing"));
  }

  /** Whatever goes wrong reaches the readers; a thread that dies in silence leaves them waiting. */
  @Override
  public void run() {
    long began = System.nanoTime();
    try {
      takePlaces();
      if (file.isProvedWhole()) {
        fetchWhole();
      } else {
        fetchLog();
      }
      LOG.debug(
          "chunk_run segment={} kind={} range={} ahead={} micros={}",
          file.segment(),
          file.kind(),
          file.rangeOf(first, end()),
          isAhead,
          (System.nanoTime() - began) / 1000);
    } catch (Throwable e) {
      LOG.debug(
          "chunk_run_failed segment={} kind={} range={} ahead={}",
          file.segment(),
          file.kind(),
          file.rangeOf(first, end()),
          isAhead,
          e);
      unproved.clear();
      failAll(e);
    }
    if (unproved.isEmpty()) {
      giveBackPlaces();
    } else {
      CompletableFuture<ChunkProof> unused = proof.whenComplete(this::proved);
    }
  }

  private void giveBackPlaces() {
    for (SlabStore.Slot place : places) {
      if (place != null) {
        fetcher.cache().giveBack(place);
      }
    }
    places.clear();
  }

  private void fetchLog() throws IOException {
    if (!hasAsked) {
      hasAsked = true;
      fetchChunks(first, end());
    }
    for (int chunk : List.copyOf(struck)) {
      if (!unproved.containsKey(chunk)) {
        fetchChunks(chunk, chunk + 1);
      }
    }
  }

  /** What came early can be judged now. */
  private void proved(@Nullable ChunkProof known, @Nullable Throwable failure) {
    try {
      if (known == null) {
        throw failure == null ? new IllegalStateException("no proof: file=" + file) : failure;
      }
      judgeEarly(known);
      if (hasAsked && struck.isEmpty()) {
        giveBackPlaces();
      } else if (!fetcher.submit(this)) {
        refuse();
        giveBackPlaces();
      }
    } catch (Throwable e) {
      failAll(e);
      giveBackPlaces();
    }
  }

  private void judgeEarly(ChunkProof known) throws IOException {
    Map.Entry<Integer, Integer> early = unproved.pollFirstEntry();
    while (early != null) {
      judge(early.getKey(), early.getValue(), known);
      early = unproved.pollFirstEntry();
    }
  }

  private void takePlaces() throws IOException {
    if (!places.isEmpty()) {
      return; // The second turn.
    }
    Deque<SlabStore.Slot> taken = new ArrayDeque<>(fetcher.cache().places(wanted));
    for (ChunkFetcher.@Nullable Flight flight : flights) {
      places.add(flight == null ? null : taken.remove());
    }
  }

  /** Fetches {@code [from, to)}; chunks that come wrong for the first time are {@link #struck}. */
  private void fetchChunks(int from, int to) throws IOException {
    int at = from;
    int resumptions = 0;
    while (at < to) {
      ChunkSplitter target = new ChunkSplitter(file, at, end(), this, meters.fetchedBytes());
      try {
        request(file.rangeOf(at, to), target);
        if (target.chunk() >= to) {
          return;
        }
        throw new StoreException.Corrupt(
            "the store sent less than was asked: key="
                + file.key()
                + " range="
                + file.rangeOf(at, to)
                + " missing="
                + file.rangeOf(target.chunk(), to),
            null);
      } catch (StoreException.Corrupt e) {
        at = target.chunk();
        if (struck.add(at)) {
          continue;
        }
        setApart(at, new DamagedChunkException(file, rangeOf(at), "problem=broken body", e));
        at++;
      } catch (StoreException.Unavailable e) {
        if (!target.hasProgressed() || ++resumptions > MAX_RESUMPTIONS) {
          throw e;
        }
        at = target.chunk();
      }
    }
  }

  private ByteRange rangeOf(int chunk) {
    return file.rangeOf(chunk, chunk + 1);
  }

  private void request(ByteRange range, ChunkSplitter target) throws IOException {
    (isAhead ? meters.readAhead() : meters.demanded()).increment();
    fetcher.store().read(file.key(), range.startBytes(), range.lengthBytes(), null, target);
  }

  /** All of a small object, proved by the checksum in the receipt; twice, if it came wrong. */
  private void fetchWhole() throws IOException {
    Crc32c got = Crc32c.EMPTY;
    for (int attempt = 0; attempt < 2; attempt++) {
      arrived.clear();
      ChunkSplitter target = new ChunkSplitter(file, first, end(), this, meters.fetchedBytes());
      try {
        request(file.rangeOf(first, end()), target);
      } catch (StoreException.Corrupt e) {
        LOG.debug("chunk_run_broken key={} attempt={}", file.key(), attempt, e);
      } catch (StoreException.Unavailable e) {
        if (attempt > 0 || !target.hasProgressed()) {
          throw e;
        }
      }
      got = Crc32c.EMPTY;
      for (int index = 0; index < arrived.size(); index++) {
        got = got.combine(new Crc32c(arrived.get(index)), file.lengthOf(first + index));
      }
      if (arrived.size() == size() && got.equals(file.checksum())) {
        for (int index = 0; index < arrived.size(); index++) {
          land(first + index, arrived.get(index));
        }
        return;
      }
    }
    DamagedChunkException damaged =
        new DamagedChunkException(
            file, file.rangeOf(first, end()), "expected=" + file.checksum() + " got=" + got, null);
    for (int chunk = first; chunk < end(); chunk++) {
      setApart(chunk, damaged);
    }
  }

  /** Null until the proof is here; also if there will be none. */
  private @Nullable ChunkProof known() {
    return proof.isDone() && !proof.isCompletedExceptionally() ? proof.join() : null;
  }

  @Override
  public void came(int chunk, int checksum) throws IOException {
    taken(chunk, checksum);
    if (isAhead) {
      fetcher.pace().await(file.lengthOf(chunk));
    }
  }

  private void taken(int chunk, int checksum) throws IOException {
    if (file.isProvedWhole()) {
      arrived.add(checksum);
      return;
    }
    if (flights.get(chunk - first) == null) {
      return; // Not wanted, or it came before and lies behind a broken one.
    }
    ChunkProof known = known();
    if (known == null) {
      unproved.put(chunk, checksum);
    } else {
      judgeEarly(known);
      judge(chunk, checksum, known);
    }
  }

  private void judge(int chunk, int checksum, ChunkProof known) throws IOException {
    if (known.accepts(chunk, checksum)) {
      land(chunk, checksum);
    } else if (!struck.add(chunk)) {
      setApart(
          chunk,
          new DamagedChunkException(
              file,
              rangeOf(chunk),
              "expected=" + known.expected(chunk) + " got=" + new Crc32c(checksum),
              null));
    }
  }

  private void land(int chunk, int checksum) throws IOException {
    ChunkFetcher.Flight flight = flights.get(chunk - first);
    SlabStore.Slot place = places.get(chunk - first);
    if (flight == null || place == null) {
      return;
    }
    ChunkKey key = file.chunk(chunk);
    Chunk landed = fetcher.cache().add(key, place, file.lengthOf(chunk), checksum);
    landed.setReaders(meters);
    places.set(chunk - first, null);
    flights.set(chunk - first, null);
    struck.remove(chunk);
    fetcher.landed(key, flight, landed);
    landed.unpin();
  }

  private void setApart(int chunk, DamagedChunkException why) {
    LOG.warn(
        "chunk_quarantined problem=\"{}\" action=\"compare the object with its manifest, and restore"
            + " or delete the segment; other chunks are served\"",
        why.getMessage());
    fetcher.meters().quarantined();
    fetcher.quarantine().add(file.chunk(chunk), why);
    fail(chunk, why);
    struck.remove(chunk);
  }

  private void failAll(Throwable why) {
    for (int chunk = first; chunk < end(); chunk++) {
      fail(chunk, why);
    }
  }

  private void fail(int chunk, Throwable why) {
    ChunkFetcher.Flight flight = flights.get(chunk - first);
    if (flight != null) {
      flights.set(chunk - first, null);
      fetcher.failed(file.chunk(chunk), flight, file.lengthOf(chunk), why);
    }
  }

  /** The slot of the chunk, whose bytes are about to change; null if they are not to be kept. */
  @Override
  public SlabStore.@Nullable Slot slotFor(int chunk) {
    unproved.remove(chunk);
    return places.get(chunk - first);
  }
}
