package io.takhin.tiered.transfer;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Makes an object of data that is not a file, while the data comes. Parts are sent by the engine's
 * threads as soon as they are full, and the object becomes visible with {@link #finish}.
 *
 * <pre>{@code
 * try (ObjectWriter writer = engine.writer(key, PutOptions.BINARY, Purpose.background("export"))) {
 *   while (source.hasMore()) {
 *     ByteBuffer buffer = writer.reserve(64 << 10); // the engine's own memory
 *     writer.commit(source.read(buffer));           // handed over without a copy
 *   }
 *   WrittenObject written = writer.finish();
 * }                                                 // closed without finish: nothing is left
 * }</pre>
 *
 * <p>A writer holds one buffer of the engine from its first byte until it ends, and waits when the
 * engine's are all in use. Nothing is written below the part size before {@link #finish}; the parts
 * grow with their number, so that an object may have up to {@code 55,000 ×} the part size (859 GiB
 * at 16 MiB). Used by one thread at a time.
 *
 * <p>Each method fails with {@link IllegalStateException} after finish or abort. The first failed
 * part aborts the upload; the call that notices throws its failure.
 */
public final class ObjectWriter implements AutoCloseable {
  /** Parts get larger by the first one's size after so many: ten sizes up to the last part. */
  private static final int PARTS_OF_ONE_SIZE = Multipart.MAX_PARTS / 10;

  private enum State {
    OPEN,
    FINISHED,
    ABORTED
  }

  private final EngineParts engine;
  private final ObjectKey key;
  private final PutOptions options;
  private final Transfer transfer;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<Future<Part>> sent = new ArrayList<>();
  private final CRC32C crc = new CRC32C();

  private State state = State.OPEN;
  private @Nullable Multipart multipart;
  private @Nullable ByteBuffer buffer;
  private int reservedBytes;
  private long sealedBytes;

  /** What a writer needs of the engine it belongs to. */
  record EngineParts(
      ObjectStore store,
      TransferPool pool,
      PartBuffers buffers,
      long partSizeBytes,
      RunningTransfers running,
      Runnable closed) {}

  ObjectWriter(EngineParts engine, ObjectKey key, PutOptions options, Transfer transfer) {
    this.engine = engine;
    this.key = key;
    this.options = options;
    this.transfer = transfer;
  }

  /** The most that {@link #reserve} gives at once. */
  public int maxReserveBytes() {
    return Math.toIntExact(engine.partSizeBytes() - Multipart.MIN_PART_BYTES);
  }

  /**
   * A place for that many bytes, in memory that the engine owns and that is valid until {@link
   * #commit} or the next reserve. Waits if the engine's memory is all in use.
   *
   * @param bytes 1 to {@link #maxReserveBytes}
   * @return empty, with exactly that many bytes remaining
   */
  public ByteBuffer reserve(int bytes) throws IOException {
    requireOpen();
    if (bytes < 1 || bytes > maxReserveBytes()) {
      throw new IllegalArgumentException(
          "invalid reserve: expected 1 to " + maxReserveBytes() + " bytes, got " + bytes);
    }
    ByteBuffer part = buffer;
    if (part != null && part.remaining() < bytes) {
      seal();
      part = null;
    }
    if (part == null) {
      part = acquire();
      buffer = part;
    }
    reservedBytes = bytes;
    return part.slice(part.position(), bytes);
  }

  /**
   * Hands over the first bytes of what was reserved.
   *
   * @param bytes 0 to what was reserved
   */
  public void commit(int bytes) {
    requireOpen();
    if (bytes < 0 || bytes > reservedBytes) {
      throw new IllegalArgumentException(
          "invalid commit: expected 0 to the reserved " + reservedBytes + " bytes, got " + bytes);
    }
    reservedBytes = 0;
    ByteBuffer part = buffer;
    if (part != null) {
      crc.update(part.slice(part.position(), bytes));
      part.position(part.position() + bytes);
    }
  }

  /** Appends the buffer's remaining bytes, which are copied. */
  public void write(ByteBuffer bytes) throws IOException {
    requireOpen();
    while (bytes.hasRemaining()) {
      ByteBuffer part = buffer;
      if (part != null && !part.hasRemaining()) {
        seal();
        part = null;
      }
      int room = part == null ? maxReserveBytes() : part.remaining();
      int count = Math.min(Math.min(room, maxReserveBytes()), bytes.remaining());
      reserve(count).put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      commit(count);
    }
  }

  /**
   * Sends what makes up a part and waits until the store has it. Fewer bytes than {@link
   * Multipart#MIN_PART_BYTES} are kept: S3 takes them as the last part only.
   */
  public void flush() throws IOException {
    requireOpen();
    ByteBuffer part = buffer;
    if (part != null && part.position() >= Multipart.MIN_PART_BYTES) {
      seal();
    }
    awaitParts();
  }

  /**
   * Sends the rest and makes the object visible, replacing what was at the key.
   *
   * @throws StoreException by the store's refusal or absence; nothing is left there then
   */
  public WrittenObject finish() throws IOException {
    requireOpen();
    try {
      WrittenObject written = multipart == null ? putWhole() : complete();
      state = State.FINISHED;
      end("done");
      return written;
    } catch (IOException | RuntimeException e) {
      abort(e);
      throw e;
    }
  }

  /** Gives it up; nothing is left in the store. Does nothing after finish or abort. */
  public void abort() throws IOException {
    if (state != State.OPEN) {
      return;
    }
    IOException none = new IOException("aborted");
    abort(none);
    if (none.getSuppressed().length > 0) {
      throw TransferPool.rethrown(none.getSuppressed()[0]);
    }
  }

  /** Aborts, unless finished. */
  @Override
  public void close() throws IOException {
    abort();
  }

  private WrittenObject putWhole() throws IOException {
    ByteBuffer body = buffer == null ? ByteBuffer.allocate(0) : buffer.flip();
    Crc32c checksum = checksum();
    StoredObject object =
        await(
            submit(
                () -> {
                  StoredObject put = engine.store().put(key, body, checksum, options);
                  transfer.moved(put.sizeBytes());
                  return put;
                }));
    return new WrittenObject(key, 1, object.sizeBytes(), object.etag(), checksum);
  }

  private WrittenObject complete() throws IOException {
    if (buffer != null && buffer.position() > 0) {
      seal();
    }
    List<Part> parts = awaitParts();
    Crc32c whole = Crc32c.EMPTY;
    for (Part part : parts) {
      whole = whole.combine(part.checksum(), part.sizeBytes());
    }
    StoredObject object = started().complete(parts, whole);
    return new WrittenObject(key, parts.size(), sealedBytes, object.etag(), whole);
  }

  /** Hands the buffer to the engine's threads, which release it. */
  private void seal() throws IOException {
    ByteBuffer body = buffer;
    if (body == null) {
      return;
    }
    int number = sent.size() + 1;
    Part.requireNumber(number);
    try {
      Multipart target = started();
      Crc32c checksum = checksum();
      body.flip();
      sealedBytes += body.remaining();
      sent.add(submit(() -> putPart(target, number, body, checksum)));
      buffer = null;
      crc.reset();
    } catch (IOException | RuntimeException e) {
      abort(e);
      throw e;
    }
  }

  private Part putPart(Multipart target, int number, ByteBuffer body, Crc32c checksum)
      throws IOException {
    try {
      Part part = target.putPart(number, body, checksum);
      transfer.moved(part.sizeBytes());
      return part;
    } catch (IOException | RuntimeException e) {
      stopped.set(true);
      throw e;
    } finally {
      engine.buffers().release(body);
    }
  }

  private Multipart started() throws IOException {
    Multipart existing = multipart;
    if (existing != null) {
      return existing;
    }
    Multipart created = engine.store().startMultipart(key, options);
    multipart = created;
    return created;
  }

  private <T> Future<T> submit(TransferPool.Work<T> work) throws IOException {
    try {
      return engine.pool().submit(transfer, new AtomicBoolean(), work);
    } catch (RejectedExecutionException e) {
      throw new InterruptedIOException("the engine is closed: key=" + key);
    }
  }

  private ByteBuffer acquire() throws IOException {
    if (stopped.get()) {
      awaitParts(); // Throws what stopped it.
    }
    long sizeBytes = engine.partSizeBytes() * (1 + sent.size() / PARTS_OF_ONE_SIZE);
    try {
      return engine.buffers().acquire(sizeBytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for memory: key=" + key);
    }
  }

  /** Waits for all, so that none is under way when the caller aborts. */
  private List<Part> awaitParts() throws IOException {
    List<Part> parts = new ArrayList<>(sent.size());
    @Nullable IOException failure = null;
    for (Future<Part> part : sent) {
      try {
        parts.add(await(part));
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      abort(failure);
      throw failure;
    }
    return parts;
  }

  private <T> T await(Future<T> future) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
          transfer.cancel(); // It ends soon then, and only then is its buffer free.
        }
      }
    } catch (ExecutionException e) {
      if (transfer.isCancelled()) {
        throw transfer.cancellation();
      }
      throw TransferPool.rethrown(e.getCause() == null ? e : e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Crc32c checksum() {
    return new Crc32c((int) crc.getValue());
  }

  private void abort(Throwable failure) {
    if (state != State.OPEN) {
      return;
    }
    state = State.ABORTED;
    boolean cancelled = transfer.isCancelled();
    transfer.cancel();
    for (Future<Part> part : sent) {
      try {
        await(part);
      } catch (IOException | RuntimeException e) {
        // It was to end, and how is told by the failure that led here.
      }
    }
    if (multipart != null) {
      FileUploader.abort(multipart, failure);
    }
    end(cancelled ? "cancelled" : "failed");
  }

  private void end(String outcome) {
    ByteBuffer held = buffer;
    if (held != null) {
      buffer = null;
      engine.buffers().release(held);
    }
    engine.running().end(transfer, outcome);
    engine.closed().run();
  }

  private void requireOpen() {
    if (state != State.OPEN) {
      throw new IllegalStateException(
          "the writer is " + (state == State.FINISHED ? "finished" : "aborted") + ": key=" + key);
    }
  }
}
