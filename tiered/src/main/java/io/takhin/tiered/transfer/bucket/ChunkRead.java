package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Fills a buffer with a range of an object. A connection that breaks after some bytes, or ends
 * early, is taken up where it broke, since the checksum tells in the end; one that brings none was
 * retried by the adapter.
 */
record ChunkRead(ObjectStore source, StoredObject object, Moved moved) {
  private static final int MAX_RESUMPTIONS = 10;

  /** Fills the buffer from its position to its limit, and flips it for reading. */
  void read(long startBytes, ByteBuffer into) throws IOException {
    int begin = into.position();
    int resumptions = 0;
    while (into.hasRemaining()) {
      int before = into.position();
      try {
        readOn(startBytes + before - begin, into);
      } catch (StoreException.Unavailable | StoreException.Corrupt e) {
        boolean progressed = into.position() > before;
        if (!progressed || ++resumptions > MAX_RESUMPTIONS) {
          throw e;
        }
        continue;
      }
      if (into.hasRemaining()) {
        throw new StoreException.Corrupt(
            "short read: key=" + object.key() + " missing_bytes=" + into.remaining(), null);
      }
    }
    into.position(begin);
  }

  private void readOn(long startBytes, ByteBuffer into) throws IOException {
    try {
      source.read(
          object.key(), startBytes, into.remaining(), object.etag(), new Target(into, this));
    } catch (TargetException e) {
      // The buffer takes everything but what is too much.
      throw e.getCause() instanceof IOException cause ? cause : e;
    }
  }

  private record Target(ByteBuffer into, ChunkRead read) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int count = bytes.remaining();
      if (count > into.remaining()) {
        throw new StoreException.Corrupt(
            "more bytes than were asked for: key=" + read.object().key(), null);
      }
      into.put(bytes);
      read.moved().add(count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
