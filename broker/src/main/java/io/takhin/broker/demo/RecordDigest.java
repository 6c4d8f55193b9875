package io.takhin.broker.demo;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A digest over records, in order within each partition: SHA-256 over (length, value) of each
 * record, one per partition, and one over these. Equal digests mean equal records in equal order.
 */
final class RecordDigest {
  private final List<MessageDigest> partitions = new ArrayList<>();
  private long records;
  private long bytes;

  RecordDigest(int partitionCount) {
    for (int partition = 0; partition < partitionCount; partition++) {
      partitions.add(sha256());
    }
  }

  void add(int partition, byte[] value) {
    MessageDigest digest = partitions.get(partition);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).array());
    digest.update(value);
    records++;
    bytes += value.length;
  }

  long records() {
    return records;
  }

  /** Bytes of the values, without Kafka's framing. */
  long bytes() {
    return bytes;
  }

  /** Ends the digest; call once. */
  String finish() {
    MessageDigest whole = sha256();
    partitions.forEach(digest -> whole.update(digest.digest()));
    return HexFormat.of().formatHex(whole.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
