package io.takhin.tiered.transfer;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.transfer.TransferStatus.Direction;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes between this machine and one bucket: files up and down, and objects that are written
 * as their data comes. All transfers of the engine share its threads and its memory, so both are
 * bounded whatever is asked of it; what somebody waits for goes before what nobody waits for.
 *
 * <p>Thread-safe. Calls block until the transfer is over, and leave nothing half done behind: no
 * pending parts in the bucket, no temporary files, except what a broken-off download keeps in order
 * to go on later. An interrupt ends a transfer, and so does {@link #cancel}.
 */
public final class TransferEngine implements AutoCloseable {
  private final ObjectStore store;
  private final Precedence precedence = new Precedence();
  private final RunningTransfers running;
  private final TransferPool uploads;

  /**
   * Parts of writers, which hold their memory while they wait for a thread. Those of files wait for
   * memory on theirs, so with common threads each could wait for the other.
   */
  private final TransferPool writes;

  private final TransferPool downloads;
  private final PartBuffers buffers;
  private final FileUploader uploader;
  private final RangedDownloader downloader;
  private final FreeSpace space;
  private final long writerPartSizeBytes;

  /** Writers hold memory while their data comes; one part is always left for files. */
  private final Semaphore writers;

  /** An engine without threads yet. The store stays the caller's: close it after the engine. */
  public TransferEngine(
      ObjectStore store, TransferOptions options, MeterRegistry meters, Clock clock) {
    this(store, options, FreeSpace.OF_DISK, meters, clock);
  }

  /**
   * @param space asked before a download
   */
  public TransferEngine(
      ObjectStore store,
      TransferOptions options,
      FreeSpace space,
      MeterRegistry meters,
      Clock clock) {
    this.store = store;
    this.space = space;
    this.running = new RunningTransfers(precedence, meters, clock);
    this.uploads = new TransferPool("tiered-upload", options.parallelism(), precedence);
    this.writes = new TransferPool("tiered-write", options.parallelism(), precedence);
    this.downloads = new TransferPool("tiered-download", options.parallelism(), precedence);
    long partSizeBytes = Math.max(options.partSizeBytes(), Multipart.MIN_PART_BYTES);
    this.buffers = PartBuffers.forParts(options.parallelism(), partSizeBytes);
    this.uploader = new FileUploader(store, uploads, buffers, partSizeBytes);
    this.downloader = new RangedDownloader(store, downloads, options.partSizeBytes());
    this.writerPartSizeBytes = Math.max(partSizeBytes, 2 * Multipart.MIN_PART_BYTES);
    this.writers =
        new Semaphore((int) Math.max(1, buffers.budgetBytes() / writerPartSizeBytes - 1));
  }

  /**
   * Creates an object with a file's bytes, and replaces one unless the options forbid that; one
   * that holds the same bytes counts as created. The file is read once, and its checksum is
   * computed on the way.
   *
   * @return what the object has to be; the store has accepted it but was not asked again
   * @throws SourceChangedException if the file changed meanwhile; what is at the key is then not to
   *     be trusted
   */
  public ObjectProof upload(Path file, ObjectKey key, PutOptions options, Purpose purpose)
      throws IOException {
    return upload(file, key, options, ChunkChecksums.NONE, purpose);
  }

  /**
   * The same, with a checksum of each of the file's chunks.
   *
   * @param chunks for the size that the file has; filled on the way
   */
  public ObjectProof upload(
      Path file, ObjectKey key, PutOptions options, ChunkChecksums chunks, Purpose purpose)
      throws IOException {
    try (FileReader reader = FileReader.open(file)) {
      return running.track(
          Direction.UPLOAD,
          key,
          purpose,
          reader.sizeBytes(),
          transfer -> uploader.upload(transfer, reader, key, options, chunks));
    }
  }

  /** The proof of a file that may be in the store already: reads it all and sends nothing. */
  public ObjectProof prove(Path file, ObjectKey key, Purpose purpose) throws IOException {
    try (FileReader reader = FileReader.open(file)) {
      return running.track(
          Direction.UPLOAD,
          key,
          purpose,
          reader.sizeBytes(),
          transfer -> uploader.prove(transfer, reader, key));
    }
  }

  /**
   * Begins an object whose data is not a file. Close the writer.
   *
   * @throws IllegalStateException if there are as many open writers as memory allows
   */
  public ObjectWriter writer(ObjectKey key, PutOptions options, Purpose purpose) {
    if (!writers.tryAcquire()) {
      throw new IllegalStateException(
          "too many open writers, each holds a part in memory: part_size_bytes="
              + writerPartSizeBytes
              + " memory_bytes="
              + buffers.budgetBytes());
    }
    return begun(key, options, purpose);
  }

  /**
   * The same, but waits for another writer to end if there are as many as memory allows. Not for
   * who has one open.
   */
  public ObjectWriter nextWriter(ObjectKey key, PutOptions options, Purpose purpose)
      throws InterruptedIOException {
    try {
      writers.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another writer: key=" + key);
    }
    return begun(key, options, purpose);
  }

  private ObjectWriter begun(ObjectKey key, PutOptions options, Purpose purpose) {
    Transfer transfer = running.begin(Direction.UPLOAD, key, purpose, Transfer.UNKNOWN_SIZE);
    return new ObjectWriter(
        new ObjectWriter.EngineParts(
            store, writes, buffers, writerPartSizeBytes, running, writers::release),
        key,
        options,
        transfer);
  }

  /**
   * Downloads an object into a temporary file beside the target, goes on where an earlier attempt
   * ended, and proves it.
   *
   * @param target in an existing directory; not touched
   * @return the file, complete, proved and forced to disk, for {@link RangedDownloader#place}
   * @throws InsufficientSpaceException if it does not fit the disk; nothing was asked then
   * @throws ObjectMismatchException if the store holds something else, or sent something else
   */
  public Path fetch(ObjectProof proof, Path target, Purpose purpose) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("no directory to download into: file=" + target);
    }
    space.require(directory, proof.sizeBytes());
    return running.track(
        Direction.DOWNLOAD,
        proof.key(),
        purpose,
        proof.sizeBytes(),
        transfer -> downloader.fetch(transfer, proof, target));
  }

  /**
   * Hands on the bytes of a range of an object, in order, and keeps nothing of them.
   *
   * @param etag the object's, so that it is the same for all its ranges; null for any
   * @param target written to by a thread of the engine, which is done with it at the return
   */
  public void read(
      ObjectKey key,
      ByteRange range,
      @Nullable String etag,
      WritableByteChannel target,
      Purpose purpose)
      throws IOException {
    running.track(
        Direction.DOWNLOAD,
        key,
        purpose,
        range.lengthBytes(),
        transfer ->
            downloads.run(
                transfer,
                1,
                ignored -> {
                  store.read(key, range.startBytes(), range.lengthBytes(), etag, target);
                  transfer.moved(range.lengthBytes());
                  return range;
                }));
  }

  /** What is under way, oldest first. */
  public List<TransferStatus> running() {
    return running.list();
  }

  /**
   * Ends a transfer; its caller gets a {@link TransferCancelledException}.
   *
   * @return false if there is none of that id any more
   */
  public boolean cancel(long id) {
    return running.cancel(id);
  }

  /** Interrupts the parts under way; their callers fail. */
  @Override
  public void close() {
    uploads.close();
    writes.close();
    downloads.close();
  }
}
