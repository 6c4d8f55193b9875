package io.takhin.tiered.read;

import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Has missing chunks fetched: each once, however many readers wait for it, and those beside each
 * other with one request.
 *
 * <p>A chunk is in {@link #flights} from the moment somebody wants it until it is in the cache or
 * has failed. Whoever finds it neither in the cache nor there puts it there and looks into the
 * cache again, because it may have landed in between; so nothing is fetched twice. No method
 * blocks.
 */
final class ChunkFetcher implements AutoCloseable {
  /** What a reader waits for is cut, if it is longer, so that its parts come in parallel. */
  private static final int MAX_RUN_CHUNKS = (4 << 20) / ReadIndex.CHUNK_BYTES;

  /**
   * A request costs a millisecond of processor time in the client, as much as receiving a megabyte.
   * Nobody waits for the end of what is read ahead, so there requests may be longer; there are
   * still eight at a time in the largest window.
   */
  static final int MAX_AHEAD_RUN_CHUNKS = (8 << 20) / ReadIndex.CHUNK_BYTES;

  /** Their bytes cost less than a request. */
  private static final int MAX_BRIDGED_CHUNKS = 2;

  private final ObjectStore store;
  private final ChunkCache cache;
  private final FetchLanes lanes;
  private final Quarantine quarantine;
  private final ReadMeters meters;
  private final ConcurrentMap<ChunkKey, Flight> flights = new ConcurrentHashMap<>();
  private final AtomicLong aheadBytes = new AtomicLong();
  private volatile ReadPace pace = ReadPace.FREE;

  /**
   * A chunk on its way. It ends with the chunk, which is kept until the callbacks have returned; or
   * with nothing when the chunk is in the cache already.
   */
  static final class Flight {
    private final CompletableFuture<Optional<Chunk>> arrival = new CompletableFuture<>();
    private final ChunkRun run;

    Flight(ChunkRun run) {
      this.run = run;
    }
  }

  ChunkFetcher(
      ObjectStore store,
      ChunkCache cache,
      FetchLanes lanes,
      Quarantine quarantine,
      ReadMeters meters) {
    this.store = store;
    this.cache = cache;
    this.lanes = lanes;
    this.quarantine = quarantine;
    this.meters = meters;
  }

  ChunkCache cache() {
    return cache;
  }

  /** Has what is read ahead from now on go at a pace. */
  void paceAhead(ReadPace newPace) {
    pace = newPace;
  }

  ReadPace pace() {
    return pace;
  }

  /** Bytes that are read ahead and under way. */
  long aheadBytes() {
    return aheadBytes.get();
  }

  /**
   * A chunk that a reader wants: here and pinned, or on its way.
   *
   * @param arrival tells when it is to be looked for again, with {@link #taken}
   */
  record Wanted(Optional<Chunk> chunk, CompletableFuture<Optional<Chunk>> arrival) {
    static Wanted here(Chunk chunk) {
      return new Wanted(Optional.of(chunk), CompletableFuture.completedFuture(Optional.empty()));
    }

    static Wanted later(CompletableFuture<Optional<Chunk>> arrival) {
      return new Wanted(Optional.empty(), arrival);
    }
  }

  /**
   * For the callback of an arrival: the chunk, pinned. Empty if it is gone again, and has to be
   * wanted anew.
   */
  Optional<Chunk> taken(RemoteFile file, int index, long endBytes, Optional<Chunk> arrived) {
    return cache
        .use(file.chunk(index), file.endsBy(index, endBytes))
        .or(() -> arrived.filter(Chunk::pin));
  }

  /**
   * What a reader waits for: each chunk of {@code [first, end)}, those here pinned, the others on
   * their way when this returns.
   *
   * @param proof may still be on its way, see {@link ChunkRun}
   * @param endBytes where the read ends in the file
   */
  List<Wanted> want(
      RemoteFile file, CompletableFuture<ChunkProof> proof, int first, int end, long endBytes) {
    List<Wanted> wanted = new ArrayList<>(end - first);
    Runs runs = new Runs(file, proof, false);
    for (int index = first; index < end; index++) {
      Wanted one = want(file.chunk(index), index, file.endsBy(index, endBytes), runs);
      one.chunk().ifPresent(chunk -> chunk.setReaders(meters.of(file.topic())));
      wanted.add(one);
    }
    runs.start();
    return wanted;
  }

  private Wanted want(ChunkKey key, int index, boolean isWhole, Runs runs) {
    Optional<DamagedChunkException> damaged = quarantine.why(key);
    if (damaged.isPresent()) {
      return Wanted.later(CompletableFuture.failedFuture(damaged.get()));
    }
    while (true) {
      Optional<Chunk> here = cache.use(key, isWhole);
      if (here.isPresent()) {
        runs.skip();
        return Wanted.here(here.get());
      }
      Flight under = flights.get(key);
      if (under != null) {
        lanes.promote(under.run);
        return Wanted.later(under.arrival);
      }
      Optional<Flight> begun = runs.begin(key, index);
      if (begun.isPresent()) {
        return Wanted.later(begun.get().arrival);
      }
    }
  }

  /** Has the missing ones of {@code [first, end)} fetched before somebody asks for them. */
  void fetchAhead(RemoteFile file, ChunkProof proof, int first, int end) {
    Runs runs = new Runs(file, CompletableFuture.completedFuture(proof), true);
    for (int index = first; index < end; index++) {
      ChunkKey key = file.chunk(index);
      boolean known =
          cache.holds(key) || flights.containsKey(key) || quarantine.why(key).isPresent();
      if (!known) {
        Optional<Flight> unused = runs.begin(key, index);
      }
    }
    runs.start();
  }

  /**
   * Collects chunks that lie beside each other into runs; used by one thread. One or two that are
   * here already do not make two requests of one: they are fetched with the others and not kept.
   */
  private final class Runs {
    private final RemoteFile file;
    private final CompletableFuture<ChunkProof> proof;
    private final boolean isAhead;
    private final List<ChunkRun> begun = new ArrayList<>();

    /** Chunks that are here, since the last one that is not. */
    private int skipped;

    Runs(RemoteFile file, CompletableFuture<ChunkProof> proof, boolean isAhead) {
      this.file = file;
      this.proof = proof;
      this.isAhead = isAhead;
    }

    /** The next chunk is here. */
    void skip() {
      skipped++;
    }

    /** Empty if the chunk has landed or is on its way since it was looked for. */
    Optional<Flight> begin(ChunkKey key, int index) {
      ChunkRun run = runFor(index);
      Flight flight = new Flight(run);
      if (flights.putIfAbsent(key, flight) != null) {
        return Optional.empty();
      }
      if (cache.holds(key)) {
        flights.remove(key, flight);
        flight.arrival.complete(Optional.empty());
        return Optional.empty();
      }
      if (isAhead) {
        aheadBytes.addAndGet(file.lengthOf(index));
      }
      run.add(index, flight);
      return Optional.of(flight);
    }

    private ChunkRun runFor(int index) {
      int between = skipped;
      skipped = 0;
      if (!begun.isEmpty()) {
        ChunkRun last = begun.get(begun.size() - 1);
        boolean continues =
            last.end() + between == index
                && between <= MAX_BRIDGED_CHUNKS
                && last.size() + between < (isAhead ? MAX_AHEAD_RUN_CHUNKS : MAX_RUN_CHUNKS);
        if (file.isProvedWhole()) {
          return last;
        } else if (continues) {
          last.addUnwanted(between);
          return last;
        }
      }
      int first = file.isProvedWhole() ? 0 : index;
      ChunkRun next = new ChunkRun(ChunkFetcher.this, file, proof, first, isAhead);
      begun.add(next);
      return next;
    }

    void start() {
      for (ChunkRun run : begun) {
        if (!run.isEmpty() && !submit(run)) {
          run.refuse();
        }
      }
    }
  }

  /** False if there is no place to wait. */
  boolean submit(ChunkRun run) {
    return lanes.submit(run, run.isAhead());
  }

  ObjectStore store() {
    return store;
  }

  ReadMeters meters() {
    return meters;
  }

  Quarantine quarantine() {
    return quarantine;
  }

  /** The chunk is in the cache; tells those who wait. */
  void landed(ChunkKey key, Flight flight, Chunk chunk) {
    ended(key, flight, chunk.lengthBytes());
    flight.arrival.complete(Optional.of(chunk));
  }

  void failed(ChunkKey key, Flight flight, int lengthBytes, Throwable why) {
    ended(key, flight, lengthBytes);
    flight.arrival.completeExceptionally(why);
  }

  private void ended(ChunkKey key, Flight flight, int lengthBytes) {
    flights.remove(key, flight);
    if (flight.run.isAhead()) {
      aheadBytes.addAndGet(-lengthBytes);
    }
  }

  /** Chunks on their way. */
  int underWay() {
    return flights.size();
  }

  @Override
  public void close() {
    lanes.close();
  }
}
