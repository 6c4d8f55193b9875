package io.takhin.tiered.store.file;

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
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Objects as plain files under a root directory; {@link Layout} draws it.
 *
 * <p>An object's bytes are written and forced under a name of their own, then its {@link Sidecar}
 * is renamed into place, which is the moment it becomes visible. Creation with {@link
 * PutOptions#ifAbsent()} links the sidecar instead, which the file system refuses when the name is
 * taken, so the promise also holds between processes. A reader that has opened the bytes keeps them
 * when the object is overwritten or deleted.
 *
 * <p>A crash leaves nothing visible in part. What it can leave is space: a staged file, removed
 * when the store is next opened a day later, or the bytes of an overwritten object that were about
 * to be removed. Directories that have become empty stay.
 *
 * <p>Needs a file system with hard links and names that differ by case.
 */
public final class FileStore implements ObjectStore {
  private static final Duration STAGING_GRACE = Duration.ofDays(1);
  private static final int MAX_PAGE = 1000;

  private final Layout layout;
  private final Clock clock;
  private final long minPartBytes;
  private final FileCopies copies = new FileCopies(this);
  private volatile boolean closed;

  private FileStore(Layout layout, Clock clock, long minPartBytes) {
    this.layout = layout;
    this.clock = clock;
    this.minPartBytes = minPartBytes;
  }

  /**
   * Opens a store that keeps the limits of S3, and creates the root if it is missing.
   *
   * @throws IOException if the root cannot be created, read or written
   */
  public static FileStore open(Path root) throws IOException {
    return open(root, Clock.systemUTC(), Multipart.MIN_PART_BYTES);
  }

  /**
   * Opens a store, and creates the root if it is missing.
   *
   * @param clock what objects and uploads are dated with
   * @param minPartBytes least size of every part but the last; less than S3's {@link
   *     ObjectStore.Multipart#MIN_PART_BYTES} lets tests work on small objects
   * @throws IOException if the root cannot be created, read or written
   */
  public static FileStore open(Path root, Clock clock, long minPartBytes) throws IOException {
    Layout layout = new Layout(root.toAbsolutePath().normalize());
    Files.createDirectories(layout.staging());
    Files.createDirectories(layout.uploads());
    FileStore store = new FileStore(layout, clock, minPartBytes);
    store.sweepStaging();
    return store;
  }

  @Override
  public String description() {
    return layout.root().toUri().toString();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    try {
      requireUsable();
      requireChecksum(key, checksum, Crc32c.of(body));
      if (options.ifAbsent() && Files.exists(layout.sidecar(key))) {
        throw exists(key, null);
      }
      String etag = newName();
      Path staged = layout.staging().resolve(etag);
      try {
        DurableFiles.write(staged, body);
        Sidecar sidecar = Sidecar.of(etag, body.remaining(), checksum, now(), options);
        return publish(key, staged, sidecar, options.ifAbsent());
      } finally {
        Files.deleteIfExists(staged);
      }
    } catch (IOException e) {
      throw failure("put", key, e);
    }
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    String uploadId = newName();
    Upload upload =
        new Upload(
            Upload.FORMAT,
            key.value(),
            now(),
            options.contentType(),
            options.metadata(),
            options.ifAbsent());
    try {
      requireUsable();
      upload.create(layout, uploadId);
    } catch (IOException e) {
      throw failure("start upload", key, e);
    }
    return new FileMultipart(this, upload.pending(uploadId));
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return new FileMultipart(this, upload);
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    try {
      requireUsable();
      return Sidecar.find(layout, key).map(sidecar -> sidecar.describe(key));
    } catch (IOException e) {
      throw failure("head", key, e);
    }
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    ObjectStore.requireRange(key, startBytes, lengthBytes);
    try {
      requireUsable();
      new RangeReader(layout, key).read(startBytes, lengthBytes, ifMatch, target);
    } catch (TargetException e) {
      throw e;
    } catch (IOException e) {
      throw failure("read", key, e);
    }
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    try {
      requireUsable();
      Optional<Sidecar> sidecar = Sidecar.find(layout, key);
      if (sidecar.isPresent() && DurableFiles.delete(layout.sidecar(key))) {
        DurableFiles.delete(layout.data(key, sidecar.get().etag()));
      }
    } catch (IOException e) {
      throw failure("delete", key, e);
    }
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    if (maxObjects < 1 || maxObjects > MAX_PAGE) {
      throw new IllegalArgumentException(
          "invalid page size: expected 1 to " + MAX_PAGE + ", got " + maxObjects);
    }
    List<StoredObject> page = new ArrayList<>();
    String last = after == null ? "" : after.value();
    try {
      requireUsable();
      // Objects deleted since their name was read leave room on the page for those behind them.
      while (page.size() < maxObjects) {
        int room = maxObjects - page.size();
        List<ObjectKey> keys = KeyWalk.page(layout.root(), prefix, last, room);
        for (ObjectKey key : keys) {
          Sidecar.find(layout, key).ifPresent(sidecar -> page.add(sidecar.listed(key)));
          last = key.value();
        }
        if (keys.size() < room) {
          break;
        }
      }
      return page;
    } catch (IOException e) {
      throw failure("list", prefix, e);
    }
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    List<PendingUpload> pending = new ArrayList<>();
    try {
      requireUsable();
      try (DirectoryStream<Path> directories = Files.newDirectoryStream(layout.uploads())) {
        for (Path directory : directories) {
          Upload.find(directory)
              .filter(upload -> upload.key().startsWith(prefix))
              .map(upload -> upload.pending(String.valueOf(directory.getFileName())))
              .ifPresent(pending::add);
        }
      }
    } catch (IOException e) {
      throw failure("list uploads", prefix, e);
    }
    pending.sort(
        Comparator.comparing(PendingUpload::key)
            .thenComparingLong(PendingUpload::initiatedMillis)
            .thenComparing(PendingUpload::uploadId));
    return pending;
  }

  @Override
  public StoreStrain strain() {
    return StoreStrain.NONE;
  }

  @Override
  public ObjectCopies copies() {
    return copies;
  }

  @Override
  public void close() {
    closed = true;
  }

  /** For {@link FileMultipart}, which shares this store's directory and dates. */
  Layout layout() {
    return layout;
  }

  long now() {
    return clock.millis();
  }

  long minPartBytes() {
    return minPartBytes;
  }

  static String newName() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /**
   * Makes an object visible.
   *
   * @param staged its bytes, forced; moved away
   */
  StoredObject publish(ObjectKey key, Path staged, Sidecar sidecar, boolean ifAbsent)
      throws IOException {
    Path stagedSidecar = layout.staging().resolve(newName());
    try {
      DurableFiles.write(stagedSidecar, sidecar.json());
      DurableFiles.createDirectories(layout.root(), layout.directory(key));
      DurableFiles.replace(staged, layout.data(key, sidecar.etag()));
      if (ifAbsent) {
        publishNew(key, stagedSidecar, sidecar.etag());
      } else {
        Optional<Sidecar> former = Sidecar.find(layout, key);
        DurableFiles.replace(stagedSidecar, layout.sidecar(key));
        if (former.isPresent()) {
          DurableFiles.delete(layout.data(key, former.get().etag()));
        }
      }
      return sidecar.describe(key);
    } finally {
      Files.deleteIfExists(stagedSidecar);
    }
  }

  /**
   * The bytes are taken back only when the name was certainly taken. After any other failure the
   * sidecar may stand, and an object without its bytes would be worse than bytes without an object.
   */
  private void publishNew(ObjectKey key, Path stagedSidecar, String etag) throws IOException {
    try {
      DurableFiles.publishNew(stagedSidecar, layout.sidecar(key));
    } catch (FileAlreadyExistsException e) {
      DurableFiles.delete(layout.data(key, etag));
      throw exists(key, e);
    }
  }

  private StoreException.PreconditionFailed exists(ObjectKey key, @Nullable Throwable cause) {
    return new StoreException.PreconditionFailed(
        "object exists: store=" + description() + " key=" + key + " expected=absent", cause);
  }

  void requireChecksum(ObjectKey key, Crc32c expected, Crc32c actual)
      throws StoreException.Corrupt {
    if (!actual.equals(expected)) {
      throw new StoreException.Corrupt(
          String.format(
              "checksum mismatch: store=%s key=%s expected=%s got=%s",
              description(), key, expected, actual),
          null);
    }
  }

  /** Also refuses when the root is gone, so that a lost mount does not look like an empty store. */
  void requireUsable() throws StoreException.Unavailable {
    if (closed) {
      throw new StoreException.Unavailable("store is closed: " + description(), null);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new StoreException.Unavailable("interrupted: store=" + description(), null);
    }
    if (!Files.isDirectory(layout.staging())) {
      throw new StoreException.Unavailable(
          "root is missing or not mounted: expected directory " + layout.staging(), null);
    }
  }

  /** Sorts a failure of the file system by what the caller does about it. */
  StoreException failure(String operation, Object subject, IOException e) {
    if (e instanceof StoreException sorted) {
      return sorted;
    }
    String message =
        String.format("%s failed: store=%s key=%s: %s", operation, description(), subject, e);
    if (e instanceof DamagedFileException) {
      return new StoreException.Corrupt(message, e);
    }
    if (e instanceof AccessDeniedException || message.endsWith("File name too long")) {
      return new StoreException.Rejected(message, e);
    }
    return new StoreException.Unavailable(message, e);
  }

  private void sweepStaging() throws IOException {
    long oldestMillis = now() - STAGING_GRACE.toMillis();
    try (DirectoryStream<Path> staged = Files.newDirectoryStream(layout.staging())) {
      for (Path file : staged) {
        if (Files.getLastModifiedTime(file).toMillis() < oldestMillis) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
