package io.takhin.tiered.transfer.bucket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Remembers which objects an earlier run verified, in 64 bits each and not more than so many.
 *
 * <p>What is not remembered is compared with the target instead, so the bound costs requests and
 * nothing else. What is remembered by mistake, as one in 10^13 is, would be left out only if the
 * target has an object of the same size at its key.
 *
 * <p>Open addressing in one array; filled by one thread, then read by one.
 */
final class DoneSet {
  /** Above this, older and newer objects alike are compared: 16 MiB of memory. */
  static final int MAX_OBJECTS = 1 << 20;

  private static final int FIRST_SLOTS = 1 << 10;

  private long[] slots = new long[FIRST_SLOTS];
  private int count;

  /** Remembers an object, unless there are too many already. */
  void add(String key, String etag, long sizeBytes) {
    if (count >= MAX_OBJECTS) {
      return;
    }
    if (count * 2 >= slots.length) {
      long[] former = slots;
      slots = new long[former.length * 2];
      Arrays.stream(former).filter(digest -> digest != 0).forEach(this::insert);
    }
    if (insert(digest(key, etag, sizeBytes))) {
      count++;
    }
  }

  boolean contains(String key, String etag, long sizeBytes) {
    long digest = digest(key, etag, sizeBytes);
    return slots[slot(digest)] == digest;
  }

  int size() {
    return count;
  }

  private boolean insert(long digest) {
    int slot = slot(digest);
    boolean absent = slots[slot] != digest;
    slots[slot] = digest;
    return absent;
  }

  /** Where the digest is, or the free slot where it would be. */
  private int slot(long digest) {
    int mask = slots.length - 1;
    int slot = (int) (digest >>> 1) & mask;
    while (slots[slot] != 0 && slots[slot] != digest) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static long digest(String key, String etag, long sizeBytes) {
    String text = key + '\n' + etag + '\n' + sizeBytes;
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(sum).getLong() | 1; // 0 marks a free slot
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
