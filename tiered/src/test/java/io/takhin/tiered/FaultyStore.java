package io.takhin.tiered;

import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.TargetException;
import java.nio.channels.WritableByteChannel;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests on, counts them, and lets a test fail them before or after they had an effect.
 */
public final class FaultyStore extends ForwardingStore {
  /** What goes wrong; both methods see every request. */
  public interface Fault {
    Fault NONE = new Fault() {};

    /** Throws to keep the request from having an effect. */
    default void before(StoreOperation op, String key) throws StoreException {}

    /** Throws to lose the answer of a request that had its effect. */
    default void after(StoreOperation op, String key) throws StoreException {}

    /** Throws to keep a read that begins there from having an effect. */
    default void beforeRead(long startBytes) throws StoreException {}

    /** The channel that a read writes to. */
    default WritableByteChannel target(String key, WritableByteChannel target) {
      return target;
    }
  }

  private final ConcurrentMap<StoreOperation, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final AtomicInteger fired = new AtomicInteger();
  private volatile Fault fault = Fault.NONE;

  public FaultyStore(ObjectStore inner) {
    super(inner);
  }

  public void inject(Fault next) {
    fault = next;
  }

  /** Fails every request of the kind before it has an effect. */
  public void refuse(StoreOperation refused, String keyPart) {
    inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == refused && key.contains(keyPart)) {
              throw new StoreException.Unavailable("injected: " + op + " " + key, null);
            }
          }
        });
  }

  /** What a test does before a read. */
  public interface ReadFault {
    void before(long startBytes) throws StoreException;
  }

  /** Fails reads by where they begin. */
  public void onRead(ReadFault reading) {
    inject(
        new Fault() {
          @Override
          public void beforeRead(long startBytes) throws StoreException {
            reading.before(startBytes);
          }
        });
  }

  /** Every request fails, as with a store that is down. */
  public void goDown() {
    inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            throw new StoreException.Unavailable("injected: store is down", null);
          }
        });
  }

  public void heal() {
    inject(Fault.NONE);
  }

  /** How often a fault threw. */
  public int fired() {
    return fired.get();
  }

  public Map<StoreOperation, Integer> requests() {
    Map<StoreOperation, Integer> counts = new EnumMap<>(StoreOperation.class);
    requests.forEach((op, count) -> counts.put(op, count.get()));
    return counts;
  }

  public int requests(StoreOperation op) {
    return requests().getOrDefault(op, 0);
  }

  public void resetRequests() {
    requests.clear();
  }

  @Override
  protected <T, X extends Exception> T request(StoreOperation op, String key, Request<T, X> request)
      throws StoreException, X {
    // What tells the writer comes and goes with the time, and is no segment's.
    if (!key.contains(".takhin/")) {
      requests.computeIfAbsent(op, ignored -> new AtomicInteger()).incrementAndGet();
    }
    Fault current = fault;
    try {
      current.before(op, key);
    } catch (StoreException e) {
      fired.incrementAndGet();
      throw e;
    }
    T answer = request.send();
    try {
      current.after(op, key);
    } catch (StoreException e) {
      fired.incrementAndGet();
      throw e;
    }
    return answer;
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    WritableByteChannel seen = fault.target(key.value(), target);
    this.<ObjectKey, TargetException>request(
        StoreOperation.GET,
        key.value(),
        () -> {
          try {
            fault.beforeRead(startBytes);
          } catch (StoreException e) {
            fired.incrementAndGet();
            throw e;
          }
          inner().read(key, startBytes, lengthBytes, ifMatch, seen);
          return key;
        });
  }
}
