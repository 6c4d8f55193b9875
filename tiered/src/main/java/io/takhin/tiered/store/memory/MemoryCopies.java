package io.takhin.tiered.store.memory;

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
import io.takhin.tiered.store.TargetException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;

/** Copies between keys of one store: each store is a service of its own. */
final class MemoryCopies implements ObjectCopies {
  private static final String BINARY = PutOptions.BINARY.contentType();

  private final MemoryStore store;
  private final String service = "memory " + UUID.randomUUID();

  MemoryCopies(MemoryStore store) {
    this.store = store;
  }

  @Override
  public CopySource source(StoredObject object) {
    return new CopySource(service, store.description(), object);
  }

  @Override
  public boolean accepts(CopySource source) {
    return source.service().equals(service);
  }

  @Override
  public StoredObject copy(CopySource source, ObjectKey key) throws StoreException {
    requireAccepted(source, key);
    ByteBuffer bytes = bytes(source, key, 0, source.object().sizeBytes());
    return store.put(key, bytes, Crc32c.of(bytes), options(source));
  }

  @Override
  public Upload start(CopySource source, ObjectKey key) throws StoreException {
    requireAccepted(source, key);
    return new MemoryCopyUpload(source, store.startMultipart(key, options(source)));
  }

  private static PutOptions options(CopySource source) {
    StoredObject object = source.object();
    return new PutOptions(false, object.contentType().orElse(BINARY), object.metadata());
  }

  private ByteBuffer bytes(CopySource source, ObjectKey key, long startBytes, long lengthBytes)
      throws StoreException {
    if (lengthBytes > Integer.MAX_VALUE) {
      throw rejected(key, "more than one array holds: bytes=" + lengthBytes);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) lengthBytes);
    StoredObject object = source.object();
    try {
      store.read(object.key(), startBytes, lengthBytes, object.etag(), Channels.newChannel(bytes));
    } catch (TargetException e) {
      throw new IllegalStateException("a byte array refuses no bytes", e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private void requireAccepted(CopySource source, ObjectKey key) throws StoreException {
    if (!accepts(source)) {
      throw rejected(key, "the source is of another service: got=" + source);
    }
  }

  private StoreException.Rejected rejected(ObjectKey key, String why) {
    return new StoreException.Rejected(
        store.description() + ": copy key=" + key + ": " + why, null);
  }

  private final class MemoryCopyUpload implements Upload {
    private final CopySource source;
    private final Multipart multipart;
    private final ConcurrentSkipListMap<Integer, Part> parts = new ConcurrentSkipListMap<>();

    MemoryCopyUpload(CopySource source, Multipart multipart) {
      this.source = source;
      this.multipart = multipart;
    }

    @Override
    public PendingUpload upload() {
      return multipart.upload();
    }

    @Override
    public void copyPart(int number, long startBytes, long lengthBytes) throws StoreException {
      Part.requireNumber(number);
      ByteBuffer bytes = bytes(source, upload().key(), startBytes, lengthBytes);
      parts.put(number, multipart.putPart(number, bytes, Crc32c.of(bytes)));
    }

    @Override
    public StoredObject complete() throws StoreException {
      if (parts.isEmpty() || parts.lastKey() != parts.size()) {
        throw rejected(upload().key(), "parts are missing: copied=" + parts.keySet());
      }
      Crc32c copied = Crc32c.EMPTY;
      for (Part part : parts.values()) {
        copied = copied.combine(part.checksum(), part.sizeBytes());
      }
      return multipart.complete(
          new ArrayList<>(parts.values()), source.object().checksum().orElse(copied));
    }

    @Override
    public void abort() throws StoreException {
      multipart.abort();
    }
  }
}
