package io.takhin.testkit;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store that says one thing and has another, in front of one that is honest. Where {@link
 * FaultStore} fails, and says so, this one reports success.
 *
 * <pre>{@code
 * LyingStore store = new LyingStore(new MemoryStore());
 * store.lie(Lie.DROPS_WRITES, key -> key.endsWith(".log"));
 * }</pre>
 *
 * <p>Lies one lie at a time, about the objects it is told to; thread-safe. Keeps every object it
 * has seen overwritten or lost in memory. Copies inside the store are left alone. A test ends with
 * an assertion on {@link #told()}, because a lie that was never told proves nothing.
 */
public final class LyingStore extends ForwardingStore {
  private static final String PRETENDED = "pretended";

  private final ConcurrentMap<ObjectKey, Version> written = new ConcurrentHashMap<>();
  private final ConcurrentMap<ObjectKey, Version> before = new ConcurrentHashMap<>();
  private final AtomicInteger told = new AtomicInteger();
  private volatile @Nullable Lie lie;
  private volatile Predicate<String> about = key -> false;

  /** What was sent at one time. */
  private static final class Version {
    private final StoredObject object;
    private final byte[] bytes;

    Version(StoredObject object, byte[] bytes) {
      this.object = object;
      this.bytes = bytes;
    }

    StoredObject object() {
      return object;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  public LyingStore(ObjectStore inner) {
    super(inner);
  }

  /** From now on lies so about objects whose keys satisfy the predicate. */
  public void lie(Lie next, Predicate<String> keys) {
    about = keys;
    lie = next;
  }

  /** From now on tells the truth about what there is. */
  public void beHonest() {
    lie = null;
  }

  /** How many answers were untrue so far. */
  public int told() {
    return told.get();
  }

  private boolean tells(Lie one, ObjectKey key) {
    return lie == one && about.test(key.value());
  }

  private boolean tellsNow(Lie one, ObjectKey key) {
    boolean tells = tells(one, key);
    if (tells) {
      told.incrementAndGet();
    }
    return tells;
  }

  @Override
  public String description() {
    return inner().description() + " behind lies";
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    if (tellsNow(Lie.DROPS_WRITES, key)) {
      return pretended(key, bytes.length, checksum, options.metadata());
    }
    Optional<Version> standing = standing(key);
    byte[] kept = altered(key, bytes);
    StoredObject object;
    if (kept == bytes) {
      object = inner().put(key, body, checksum, options);
    } else {
      ByteBuffer wrong = ByteBuffer.wrap(kept);
      inner().put(key, wrong, Crc32c.of(wrong), options);
      object = pretended(key, bytes.length, checksum, options.metadata());
    }
    standing.ifPresent(version -> before.put(key, version));
    written.put(key, new Version(object, bytes));
    return object;
  }

  /** The same array if this is not lied about. */
  private byte[] altered(ObjectKey key, byte[] bytes) {
    if (bytes.length > 0 && tellsNow(Lie.TRUNCATES_WRITES, key)) {
      return Arrays.copyOf(bytes, bytes.length - 1);
    }
    if (bytes.length > 0
        && (tellsNow(Lie.FLIPS_WRITES, key) || tellsNow(Lie.FLIPS_WRITES_AND_DENIES, key))) {
      byte[] wrong = bytes.clone();
      wrong[bytes.length / 2] ^= 1;
      return wrong;
    }
    return bytes;
  }

  private Optional<Version> standing(ObjectKey key) throws StoreException {
    Optional<StoredObject> object = inner().head(key);
    return object.isEmpty()
        ? Optional.empty()
        : Optional.of(new Version(object.get(), bytes(object.get())));
  }

  private byte[] bytes(StoredObject object) throws StoreException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      inner().read(object.key(), 0, object.sizeBytes(), null, Channels.newChannel(bytes));
    } catch (TargetException e) {
      throw new IllegalStateException("a byte array refuses no bytes", e);
    }
    return bytes.toByteArray();
  }

  private static StoredObject pretended(
      ObjectKey key, long sizeBytes, Crc32c checksum, Map<String, String> metadata) {
    return new StoredObject(
        key, sizeBytes, Optional.of(checksum), PRETENDED, Instant.EPOCH, metadata);
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    Optional<StoredObject> honest = inner().head(key);
    Version sent = written.get(key);
    Version old = before.get(key);
    if (old != null && tellsNow(Lie.ANSWERS_WITH_OLD_DATA, key)) {
      return Optional.of(old.object());
    }
    if (honest.isEmpty() && sent != null && tellsNow(Lie.CLAIMS_LOST_OBJECTS, key)) {
      return Optional.of(sent.object());
    }
    if (honest.isPresent() && sent != null && tells(Lie.FLIPS_WRITES_AND_DENIES, key)) {
      StoredObject object = honest.get();
      return Optional.of(withChecksum(object, sent.object().checksum()));
    }
    if (honest.isPresent() && tellsNow(Lie.TELLS_WRONG_CHECKSUM, key)) {
      StoredObject object = honest.get();
      return Optional.of(
          withChecksum(object, object.checksum().map(crc -> new Crc32c(crc.value() ^ 1))));
    }
    return honest;
  }

  private static StoredObject withChecksum(StoredObject object, Optional<Crc32c> checksum) {
    return new StoredObject(
        object.key(),
        object.sizeBytes(),
        checksum,
        object.etag(),
        object.lastModified(),
        object.metadata(),
        object.contentType());
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    Optional<byte[]> untrue = untrueBytes(key, startBytes, lengthBytes);
    if (untrue.isEmpty()) {
      inner().read(key, startBytes, lengthBytes, ifMatch, target);
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(untrue.get());
    try {
      while (bytes.hasRemaining()) {
        target.write(bytes);
      }
    } catch (IOException e) {
      throw new TargetException("target failed: key=" + key, e);
    }
  }

  /** Empty if the truth is told about this range. */
  private Optional<byte[]> untrueBytes(ObjectKey key, long startBytes, long lengthBytes)
      throws StoreException {
    Version old = before.get(key);
    if (tells(Lie.ANSWERS_WITH_OLD_DATA, key) && old != null) {
      return range(old.bytes(), startBytes, lengthBytes);
    }
    if (tells(Lie.SWAPS_OBJECTS, key)) {
      for (Map.Entry<ObjectKey, Version> other : written.entrySet()) {
        if (!other.getKey().equals(key) && about.test(other.getKey().value())) {
          Optional<byte[]> theirs = range(other.getValue().bytes(), startBytes, lengthBytes);
          if (theirs.isPresent()) {
            return theirs;
          }
        }
      }
    }
    if (lengthBytes > 0 && (tells(Lie.TRUNCATES_READS, key) || tells(Lie.FLIPS_READS, key))) {
      Optional<Version> standing = standing(key);
      Optional<byte[]> all =
          standing.isEmpty()
              ? Optional.empty()
              : range(standing.get().bytes(), startBytes, lengthBytes);
      if (all.isPresent()) {
        if (lie == Lie.TRUNCATES_READS) {
          return Optional.of(Arrays.copyOf(all.get(), all.get().length - 1));
        }
        all.get()[all.get().length / 2] ^= 1;
        return all;
      }
    }
    return Optional.empty();
  }

  private Optional<byte[]> range(byte[] bytes, long startBytes, long lengthBytes) {
    if (startBytes + lengthBytes > bytes.length) {
      return Optional.empty();
    }
    told.incrementAndGet();
    return Optional.of(
        Arrays.copyOfRange(bytes, (int) startBytes, (int) (startBytes + lengthBytes)));
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    if (!tellsNow(Lie.DROPS_DELETES, key)) {
      Optional<Version> standing = standing(key);
      inner().delete(key);
      standing.ifPresent(version -> before.put(key, version));
    }
  }

  @Override
  protected Multipart forwarding(Multipart multipart) {
    return new LyingMultipart(multipart);
  }

  /** Parts arrive as they are sent; what they become may be dropped or altered at the end. */
  private final class LyingMultipart extends ForwardingMultipart {
    LyingMultipart(Multipart upload) {
      super(upload);
    }

    @Override
    public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
      ObjectKey key = upload().key();
      if (tellsNow(Lie.DROPS_WRITES, key)) {
        abort();
        long sizeBytes = parts.stream().mapToLong(Part::sizeBytes).sum();
        return pretended(key, sizeBytes, checksum, Map.of());
      }
      Optional<Version> standing = standing(key);
      StoredObject object = super.complete(parts, checksum);
      standing.ifPresent(version -> before.put(key, version));
      byte[] bytes = bytes(object);
      written.put(key, new Version(object, bytes));
      byte[] kept = altered(key, bytes);
      if (kept != bytes) {
        ByteBuffer wrong = ByteBuffer.wrap(kept);
        inner().put(key, wrong, Crc32c.of(wrong), PutOptions.BINARY);
      }
      return object;
    }
  }
}
