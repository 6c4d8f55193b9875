package io.takhin.tiered.store.file;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads one range of one object, keeping failures of the source and of the target apart. */
record RangeReader(Layout layout, ObjectKey key) {
  private static final int READ_BYTES = 128 * 1024;
  private static final int OVERTAKEN_LIMIT = 100;

  void read(long startBytes, long lengthBytes, @Nullable String ifMatch, WritableByteChannel target)
      throws IOException {
    try (FileChannel data = openData(ifMatch)) {
      if (startBytes > data.size() - lengthBytes) {
        throw new StoreException.Corrupt(
            String.format(
                "range past the end: root=%s key=%s start=%d length=%d size=%d",
                layout.root(), key, startBytes, lengthBytes, data.size()),
            null);
      }
      copy(data, startBytes, lengthBytes, target);
    }
  }

  /** Opens the bytes the sidecar names; looks again when an overwrite removed them in between. */
  private FileChannel openData(@Nullable String ifMatch) throws IOException {
    NoSuchFileException overtaken = null;
    for (int attempt = 0; attempt < OVERTAKEN_LIMIT; attempt++) {
      Optional<Sidecar> sidecar = Sidecar.find(layout, key);
      if (sidecar.isEmpty()) {
        throw new StoreException.NotFound(
            "no such object: root=" + layout.root() + " key=" + key, overtaken);
      }
      String etag = sidecar.get().etag();
      if (ifMatch != null && !ifMatch.equals(etag)) {
        throw new StoreException.PreconditionFailed(
            String.format(
                "object has changed: root=%s key=%s expected=%s got=%s",
                layout.root(), key, ifMatch, etag),
            overtaken);
      }
      try {
        return openSized(sidecar.get());
      } catch (NoSuchFileException e) {
        overtaken = e;
      }
    }
    throw new StoreException.Corrupt(
        "the object's bytes are missing: root=" + layout.root() + " key=" + key, overtaken);
  }

  private FileChannel openSized(Sidecar sidecar) throws IOException {
    FileChannel data = FileChannel.open(layout.data(key, sidecar.etag()), StandardOpenOption.READ);
    if (data.size() == sidecar.sizeBytes()) {
      return data;
    }
    try (data) {
      throw new StoreException.Corrupt(
          String.format(
              "size mismatch: root=%s key=%s expected=%d got=%d",
              layout.root(), key, sidecar.sizeBytes(), data.size()),
          null);
    }
  }

  /** A plain loop instead of transferTo, which cannot tell whose failure it was. */
  private void copy(FileChannel data, long startBytes, long lengthBytes, WritableByteChannel to)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(lengthBytes, READ_BYTES));
    long position = startBytes;
    long end = startBytes + lengthBytes;
    while (position < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
      int count = data.read(buffer, position);
      if (count < 0) {
        throw new StoreException.Corrupt(
            "cut short while being read: root=" + layout.root() + " key=" + key, null);
      }
      position += count;
      writeFully(buffer.flip(), to);
    }
  }

  private void writeFully(ByteBuffer bytes, WritableByteChannel target) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        target.write(bytes);
      }
    } catch (IOException e) {
      if (e instanceof ClosedByInterruptException) {
        throw e; // An interrupt says nothing about the target.
      }
      throw new TargetException("target failed: key=" + key + ": " + e.getMessage(), e);
    }
  }
}
