package io.takhin.tiered.store.file;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * An upload in parts, each a file in the upload's directory until {@link #complete} strings them
 * together. Safe for parts from several threads: each part is written under a new name, and only
 * the names listed at the end count.
 */
final class FileMultipart implements Multipart {
  private static final int COPY_BYTES = 128 * 1024;

  private final FileStore store;
  private final PendingUpload upload;
  private final Path directory;

  FileMultipart(FileStore store, PendingUpload upload) {
    this.store = store;
    this.upload = upload;
    this.directory = store.layout().upload(upload.uploadId());
  }

  @Override
  public PendingUpload upload() {
    return upload;
  }

  @Override
  public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
    return addPart(
        number,
        body.remaining(),
        file -> {
          store.requireChecksum(key(), checksum, Crc32c.of(body));
          DurableFiles.write(file, body);
          return checksum;
        });
  }

  /** Adds a part of the given size, which the writer puts into a new file. */
  Part addPart(int number, long sizeBytes, PartWriter writer) throws StoreException {
    Part.requireNumber(number);
    try {
      known();
      String etag = FileStore.newName();
      return new Part(number, sizeBytes, writer.write(partFile(number, etag)), etag);
    } catch (IOException e) {
      throw store.failure("put part " + number, key(), e);
    }
  }

  /** Writes a part's file, forces it, and tells the checksum of what it wrote. */
  @FunctionalInterface
  interface PartWriter {
    Crc32c write(Path file) throws IOException;
  }

  @Override
  public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
    Part.requireSequence(parts);
    Path whole = directory.resolve(FileStore.newName());
    try {
      Upload known = known();
      long sizeBytes;
      try {
        sizeBytes = join(parts, checksum, whole);
        Sidecar sidecar =
            Sidecar.of(FileStore.newName(), sizeBytes, checksum, store.now(), known.options());
        StoredObject published = store.publish(key(), whole, sidecar, known.options().ifAbsent());
        Upload.remove(store.layout(), upload.uploadId());
        return published;
      } finally {
        Files.deleteIfExists(whole);
      }
    } catch (IOException e) {
      throw store.failure("complete", key(), e);
    }
  }

  @Override
  public void abort() throws StoreException {
    try {
      store.requireUsable();
      Upload.remove(store.layout(), upload.uploadId());
    } catch (IOException e) {
      throw store.failure("abort", key(), e);
    }
  }

  private ObjectKey key() {
    return upload.key();
  }

  private Upload known() throws IOException {
    store.requireUsable();
    return Upload.find(directory)
        .orElseThrow(
            () ->
                new StoreException.NotFound(
                    String.format(
                        "no such upload: store=%s key=%s upload=%s",
                        store.description(), key(), upload.uploadId()),
                    null));
  }

  private Path partFile(int number, String etag) {
    return directory.resolve(String.format(Locale.ROOT, "%05d%c%s", number, Layout.MARK, etag));
  }

  /** Strings the parts together, checks the sum of what was read back, and returns the size. */
  private long join(List<Part> parts, Crc32c expected, Path whole) throws IOException {
    CRC32C crc = new CRC32C();
    long sizeBytes = 0;
    try (FileChannel target =
        FileChannel.open(whole, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (Part part : parts) {
        long partBytes = append(part, target, crc);
        if (partBytes < store.minPartBytes() && part.number() < parts.size()) {
          throw new StoreException.Rejected(
              String.format(
                  "part too small: store=%s key=%s part=%d expected at least %d bytes, got %d",
                  store.description(), key(), part.number(), store.minPartBytes(), partBytes),
              null);
        }
        sizeBytes += partBytes;
      }
      store.requireChecksum(key(), expected, new Crc32c((int) crc.getValue()));
      target.force(true);
    }
    return sizeBytes;
  }

  private long append(Part part, FileChannel target, CRC32C crc) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
    try (FileChannel source =
        FileChannel.open(partFile(part.number(), part.etag()), StandardOpenOption.READ)) {
      while (source.read(buffer.clear()) >= 0) {
        crc.update(buffer.flip().duplicate());
        while (buffer.hasRemaining()) {
          target.write(buffer);
        }
      }
      return source.position();
    } catch (NoSuchFileException e) {
      throw new StoreException.Rejected(
          String.format(
              "no such part: store=%s key=%s upload=%s part=%d etag=%s",
              store.description(), key(), upload.uploadId(), part.number(), part.etag()),
          e);
    }
  }
}
