package io.takhin.tiered.store.file;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.zip.CRC32C;

/** Copies from file to file, also between roots: all of this machine's are one service. */
final class FileCopies implements ObjectCopies {
  private static final String SERVICE = "files of this machine";

  private final FileStore store;

  FileCopies(FileStore store) {
    this.store = store;
  }

  @Override
  public CopySource source(StoredObject object) {
    return new CopySource(SERVICE, store.layout().root().toString(), object);
  }

  @Override
  public boolean accepts(CopySource source) {
    return source.service().equals(SERVICE);
  }

  @Override
  public StoredObject copy(CopySource source, ObjectKey key) throws StoreException {
    requireAccepted(source, key);
    String etag = FileStore.newName();
    Path staged = store.layout().staging().resolve(etag);
    StoredObject original = source.object();
    try {
      store.requireUsable();
      try {
        Crc32c checksum = write(source, 0, original.sizeBytes(), staged);
        requireChecksum(source, key, checksum);
        Sidecar sidecar =
            Sidecar.of(etag, original.sizeBytes(), checksum, store.now(), options(original));
        return store.publish(key, staged, sidecar, false);
      } finally {
        Files.deleteIfExists(staged);
      }
    } catch (IOException e) {
      throw store.failure("copy", key, e);
    }
  }

  @Override
  public Upload start(CopySource source, ObjectKey key) throws StoreException {
    requireAccepted(source, key);
    Multipart begun = store.startMultipart(key, options(source.object()));
    return new FileCopyUpload(source, new FileMultipart(store, begun.upload()));
  }

  private static PutOptions options(StoredObject original) {
    String type = original.contentType().orElse(PutOptions.BINARY.contentType());
    return new PutOptions(false, type, original.metadata());
  }

  /** Writes a range of the source to a new file, forces it, and returns its checksum. */
  private static Crc32c write(CopySource source, long startBytes, long lengthBytes, Path file)
      throws IOException {
    StoredObject original = source.object();
    RangeReader reader = new RangeReader(new Layout(Path.of(source.bucket())), original.key());
    CRC32C crc = new CRC32C();
    try (FileChannel target =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      reader.read(startBytes, lengthBytes, original.etag(), new SummingChannel(target, crc));
      target.force(true);
    }
    return new Crc32c((int) crc.getValue());
  }

  private void requireChecksum(CopySource source, ObjectKey key, Crc32c copied)
      throws StoreException {
    store.requireChecksum(key, source.object().checksum().orElse(copied), copied);
  }

  private void requireAccepted(CopySource source, ObjectKey key) throws StoreException {
    if (!accepts(source)) {
      throw new StoreException.Rejected(
          String.format(
              "copy refused: store=%s key=%s expected=%s got=%s",
              store.description(), key, SERVICE, source),
          null);
    }
  }

  private final class FileCopyUpload implements Upload {
    private final CopySource source;
    private final FileMultipart multipart;
    private final ConcurrentSkipListMap<Integer, Part> parts = new ConcurrentSkipListMap<>();

    FileCopyUpload(CopySource source, FileMultipart multipart) {
      this.source = source;
      this.multipart = multipart;
    }

    @Override
    public PendingUpload upload() {
      return multipart.upload();
    }

    @Override
    public void copyPart(int number, long startBytes, long lengthBytes) throws StoreException {
      parts.put(
          number,
          multipart.addPart(
              number, lengthBytes, file -> write(source, startBytes, lengthBytes, file)));
    }

    @Override
    public StoredObject complete() throws StoreException {
      ObjectKey key = upload().key();
      if (parts.isEmpty() || parts.lastKey() != parts.size()) {
        throw new StoreException.Rejected(
            String.format(
                "parts are missing: store=%s key=%s copied=%s",
                store.description(), key, parts.keySet()),
            null);
      }
      Crc32c copied = Crc32c.EMPTY;
      for (Part part : parts.values()) {
        copied = copied.combine(part.checksum(), part.sizeBytes());
      }
      requireChecksum(source, key, copied);
      return multipart.complete(new ArrayList<>(parts.values()), copied);
    }

    @Override
    public void abort() throws StoreException {
      multipart.abort();
    }
  }

  /** Adds up what it passes on. */
  private record SummingChannel(WritableByteChannel target, CRC32C crc)
      implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      ByteBuffer offered = bytes.duplicate();
      int count = target.write(bytes);
      crc.update(offered.limit(offered.position() + count));
      return count;
    }

    @Override
    public boolean isOpen() {
      return target.isOpen();
    }

    @Override
    public void close() throws IOException {
      target.close();
    }
  }
}
