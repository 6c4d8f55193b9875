package io.takhin.testkit;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that fails as it is told to, in front of one that works.
 *
 * <pre>{@code
 * FaultStore store = new FaultStore(new MemoryStore());
 * Fault fault =
 *     store.on(StoreOperation.PUT)
 *         .keys(key -> key.endsWith(".manifest.json"))
 *         .times(1)
 *         .failAfter(message -> new StoreException.Unavailable(message, null));
 * }</pre>
 *
 * <p>Faults may be added while calls are under way. When several strike one call, all of them do,
 * in the order in which they were added. Closing releases what hangs and closes the store behind.
 */
public final class FaultStore extends ForwardingStore {
  private static final Duration LONGEST_HANG = Duration.ofMinutes(1);

  private final FaultList<StoreCall, StoreEffect> faults = new FaultList<>();

  /** As many as tests asked for. */
  private final Queue<LatePut> late = new ConcurrentLinkedQueue<>();

  public FaultStore(ObjectStore inner) {
    super(inner);
  }

  /** Begins a fault on some operations; on all of them when none is named. */
  public FaultRule on(StoreOperation... operations) {
    Set<StoreOperation> chosen =
        operations.length == 0
            ? EnumSet.allOf(StoreOperation.class)
            : EnumSet.copyOf(List.of(operations));
    return new FaultRule(faults, chosen, LONGEST_HANG);
  }

  /** How often any fault has struck. */
  public int fired() {
    return faults.fired();
  }

  /**
   * Requires that every fault has struck at least once.
   *
   * @throws AssertionError naming the faults that have not
   */
  public void assertAllFired() {
    faults.assertAllFired();
  }

  @Override
  public String description() {
    return inner().description() + " with faults";
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    StoreCall call = new StoreCall(StoreOperation.PUT, key.value());
    List<StoreEffect> effects = faults.claimedBy(call);
    if (effects.stream().anyMatch(StoreEffect::isLate)) {
      ByteBuffer kept = ByteBuffer.allocate(body.remaining()).put(body.duplicate()).flip();
      late.add(new LatePut(key, kept, checksum, options));
      throw new StoreException.Unavailable("injected: no answer yet: " + call, null);
    }
    boolean lies = effects.stream().anyMatch(StoreEffect::lies);
    return around(
        call,
        effects,
        lies
            ? () -> pretended(key, body.remaining(), checksum, options)
            : () -> inner().put(key, body, checksum, options));
  }

  /**
   * Does the puts that were told to arrive late, in the order in which they were sent.
   *
   * @return the keys that were put; one whose condition does not hold any more is left out
   */
  public List<ObjectKey> deliverLate() throws StoreException {
    List<ObjectKey> arrived = new ArrayList<>();
    for (LatePut put; (put = late.poll()) != null; ) {
      try {
        inner().put(put.key(), put.body(), put.checksum(), put.options());
        arrived.add(put.key());
      } catch (StoreException.PreconditionFailed e) {
        // Somebody else was first: it is as if it had never been sent.
      }
    }
    return arrived;
  }

  @Override
  protected <T, X extends Exception> T request(
      StoreOperation operation, String object, Request<T, X> request) throws StoreException, X {
    StoreCall call = new StoreCall(operation, object);
    return around(call, faults.claimedBy(call), request);
  }

  @Override
  protected Multipart forwarding(Multipart multipart) {
    return new FaultyMultipart(multipart);
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    StoreCall call = new StoreCall(StoreOperation.GET, key.value());
    List<StoreEffect> effects = faults.claimedBy(call);
    WritableByteChannel through = target;
    for (StoreEffect effect : effects) {
      effect.before(call);
      through = effect.through(through);
    }
    inner().read(key, startBytes, lengthBytes, ifMatch, through);
    for (StoreEffect effect : effects) {
      effect.after(call);
    }
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    write(
        new StoreCall(StoreOperation.DELETE, key.value()),
        () -> {
          inner().delete(key);
          return true;
        },
        () -> true);
  }

  @Override
  public ObjectCopies copies() {
    return new FaultyCopies(inner().copies());
  }

  @Override
  public void close() {
    super.close(); // First, so that what was hanging finds the store closed and fails.
    faults.releaseAll();
  }

  private <T> T write(StoreCall call, Request<T, StoreException> request, Supplier<T> lie)
      throws StoreException {
    List<StoreEffect> effects = faults.claimedBy(call);
    boolean lies = effects.stream().anyMatch(StoreEffect::lies);
    return around(call, effects, lies ? lie::get : request);
  }

  private static <T, X extends Exception> T around(
      StoreCall call, List<StoreEffect> effects, Request<T, X> request) throws StoreException, X {
    for (StoreEffect effect : effects) {
      effect.before(call);
    }
    T result = request.send();
    for (StoreEffect effect : effects) {
      effect.after(call);
    }
    return result;
  }

  private static StoredObject pretended(
      ObjectKey key, long sizeBytes, Crc32c checksum, PutOptions options) {
    return new StoredObject(
        key, sizeBytes, Optional.of(checksum), "pretended", Instant.EPOCH, options.metadata());
  }

  private static StoredObject pretendedCopy(CopySource source, ObjectKey key) {
    StoredObject original = source.object();
    return new StoredObject(
        key,
        original.sizeBytes(),
        original.checksum(),
        "pretended",
        Instant.EPOCH,
        original.metadata(),
        original.contentType());
  }

  /** A put that is still on its way; the body is a copy. */
  private record LatePut(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options) {}

  private final class FaultyMultipart extends ForwardingMultipart {
    private final Multipart multipart;

    FaultyMultipart(Multipart multipart) {
      super(multipart);
      this.multipart = multipart;
    }

    @Override
    public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
      return write(
          at(StoreOperation.PUT_PART),
          () -> multipart.putPart(number, body, checksum),
          () -> new Part(number, body.remaining(), checksum, "pretended"));
    }

    @Override
    public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
      long sizeBytes = parts.stream().mapToLong(Part::sizeBytes).sum();
      return write(
          at(StoreOperation.COMPLETE),
          () -> multipart.complete(parts, checksum),
          () -> pretended(upload().key(), sizeBytes, checksum, PutOptions.BINARY));
    }

    @Override
    public void abort() throws StoreException {
      write(
          at(StoreOperation.ABORT),
          () -> {
            multipart.abort();
            return true;
          },
          () -> true);
    }

    private StoreCall at(StoreOperation operation) {
      return new StoreCall(operation, upload().key().value());
    }
  }

  private final class FaultyCopies implements ObjectCopies {
    private final ObjectCopies copies;

    FaultyCopies(ObjectCopies copies) {
      this.copies = copies;
    }

    @Override
    public CopySource source(StoredObject object) {
      return copies.source(object);
    }

    @Override
    public boolean accepts(CopySource source) {
      return copies.accepts(source);
    }

    @Override
    public StoredObject copy(CopySource source, ObjectKey key) throws StoreException {
      return write(
          new StoreCall(StoreOperation.COPY, key.value()),
          () -> copies.copy(source, key),
          () -> pretendedCopy(source, key));
    }

    @Override
    public Upload start(CopySource source, ObjectKey key) throws StoreException {
      return new FaultyCopyUpload(
          source,
          request(StoreOperation.CREATE_MULTIPART, key.value(), () -> copies.start(source, key)));
    }
  }

  private final class FaultyCopyUpload implements ObjectCopies.Upload {
    private final CopySource source;
    private final ObjectCopies.Upload copy;

    FaultyCopyUpload(CopySource source, ObjectCopies.Upload copy) {
      this.source = source;
      this.copy = copy;
    }

    @Override
    public PendingUpload upload() {
      return copy.upload();
    }

    @Override
    public void copyPart(int number, long startBytes, long lengthBytes) throws StoreException {
      request(
          StoreOperation.COPY_PART,
          upload().key().value(),
          () -> {
            copy.copyPart(number, startBytes, lengthBytes);
            return true;
          });
    }

    @Override
    public StoredObject complete() throws StoreException {
      return write(
          at(StoreOperation.COMPLETE), copy::complete, () -> pretendedCopy(source, upload().key()));
    }

    @Override
    public void abort() throws StoreException {
      write(
          at(StoreOperation.ABORT),
          () -> {
            copy.abort();
            return true;
          },
          () -> true);
    }

    private StoreCall at(StoreOperation operation) {
      return new StoreCall(operation, upload().key().value());
    }
  }
}
