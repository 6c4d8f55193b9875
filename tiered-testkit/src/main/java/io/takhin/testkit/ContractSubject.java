package io.takhin.testkit;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Map;
import java.util.Random;

/** What the chapters of the contract share: the store, a place of their own in it, and bytes. */
interface ContractSubject {
  PutOptions CREATE_ONLY = new PutOptions(true, "application/octet-stream", Map.of());

  ObjectStore store();

  /** A prefix that no other test uses, ending with a slash. */
  String prefix();

  default ObjectKey key(String name) {
    return new ObjectKey(prefix() + name);
  }

  default StoredObject put(ObjectKey key, byte[] bytes) throws StoreException {
    return put(key, bytes, PutOptions.BINARY);
  }

  default StoredObject put(ObjectKey key, byte[] bytes, PutOptions options) throws StoreException {
    return store().put(key, ByteBuffer.wrap(bytes), checksum(bytes), options);
  }

  default byte[] read(ObjectKey key, long startBytes, long lengthBytes)
      throws StoreException, TargetException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store().read(key, startBytes, lengthBytes, null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  static Crc32c checksum(byte[] bytes) {
    return Crc32c.of(ByteBuffer.wrap(bytes));
  }

  /** Bytes that look random and are the same for the same seed. */
  static byte[] bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
