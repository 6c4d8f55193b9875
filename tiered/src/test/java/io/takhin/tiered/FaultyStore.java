package io.takhin.tiered;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests on, counts them, and lets a test fail them before or after they had an effect.
 */
public final class FaultyStore implements ObjectStore {
  /** What is asked of a store. */
  public enum Op {
    PUT,
    CREATE_MULTIPART,
    PUT_PART,
    COMPLETE,
    ABORT,
    HEAD,
    READ,
    DELETE,
    LIST,
    LIST_UPLOADS
  }

  /** What goes wrong; both methods see every request. */
  public interface Fault {
    Fault NONE = new Fault() {};

    /** Throws to keep the request from having an effect. */
    default void before(Op op, String key) throws StoreException {}

    /** Throws to lose the answer of a request that had its effect. */
    default void after(Op op, String key) throws StoreException {}

    /** Throws to keep a read that begins there from having an effect. */
    default void beforeRead(long startBytes) throws StoreException {}

    /** The channel that a read writes to. */
    default WritableByteChannel target(String key, WritableByteChannel target) {
      return target;
    }
  }

  private final ObjectStore inner;
  private final ConcurrentMap<Op, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final AtomicInteger fired = new AtomicInteger();
  private volatile Fault fault = Fault.NONE;

  public FaultyStore(ObjectStore inner) {
    this.inner = inner;
  }

  public void inject(Fault next) {
    fault = next;
  }

  /** Fails every request of the kind before it has an effect. */
  public void refuse(Op refused, String keyPart) {
    inject(
        new Fault() {
          @Override
          public void before(Op op, String key) throws StoreException {
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
          public void before(Op op, String key) throws StoreException {
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

  public Map<Op, Integer> requests() {
    Map<Op, Integer> counts = new EnumMap<>(Op.class);
    requests.forEach((op, count) -> counts.put(op, count.get()));
    return counts;
  }

  public int requests(Op op) {
    return requests().getOrDefault(op, 0);
  }

  public void resetRequests() {
    requests.clear();
  }

  private interface Request<T, E extends IOException> {
    T send() throws E;
  }

  private <T, E extends IOException> T send(Op op, String key, Request<T, E> request)
      throws E, StoreException {
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
  public String description() {
    return inner.description();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    return send(Op.PUT, key.value(), () -> inner.put(key, body, checksum, options));
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    return send(
        Op.CREATE_MULTIPART,
        key.value(),
        () -> new FaultyMultipart(inner.startMultipart(key, options)));
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return new FaultyMultipart(inner.resumeMultipart(upload));
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    return send(Op.HEAD, key.value(), () -> inner.head(key));
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
    try {
      send(
          Op.READ,
          key.value(),
          () -> {
            try {
              fault.beforeRead(startBytes);
            } catch (StoreException e) {
              fired.incrementAndGet();
              throw e;
            }
            inner.read(key, startBytes, lengthBytes, ifMatch, seen);
            return key;
          });
    } catch (StoreException | TargetException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("a store throws nothing else", e);
    }
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    send(
        Op.DELETE,
        key.value(),
        () -> {
          inner.delete(key);
          return key;
        });
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    return send(Op.LIST, prefix, () -> inner.list(prefix, after, maxObjects));
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    return send(Op.LIST_UPLOADS, prefix, () -> inner.pendingUploads(prefix));
  }

  @Override
  public StoreStrain strain() {
    return inner.strain();
  }

  @Override
  public ObjectCopies copies() {
    return inner.copies();
  }

  @Override
  public void close() {
    inner.close();
  }

  private final class FaultyMultipart implements Multipart {
    private final Multipart upload;

    FaultyMultipart(Multipart upload) {
      this.upload = upload;
    }

    @Override
    public PendingUpload upload() {
      return upload.upload();
    }

    @Override
    public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
      return send(Op.PUT_PART, key(), () -> upload.putPart(number, body, checksum));
    }

    @Override
    public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
      return send(Op.COMPLETE, key(), () -> upload.complete(parts, checksum));
    }

    @Override
    public void abort() throws StoreException {
      send(
          Op.ABORT,
          key(),
          () -> {
            upload.abort();
            return upload;
          });
    }

    private String key() {
      return upload.upload().key().value();
    }
  }
}
