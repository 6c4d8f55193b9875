package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoredObject;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One side of a transfer: the objects of a store below a prefix.
 *
 * @param store not closed by the transfer
 * @param prefix empty for the whole bucket; otherwise taken as a directory, so a slash is added
 *     where it is missing
 */
public record BucketPrefix(ObjectStore store, String prefix) {
  public BucketPrefix {
    if (!prefix.isEmpty() && !prefix.endsWith("/")) {
      prefix = prefix + "/";
    }
    if (!ObjectKey.isValid(prefix + "x")) {
      throw new IllegalArgumentException(
          "invalid prefix: expected elements of an object key, got '" + prefix + "'");
    }
  }

  /** Bucket and prefix, for messages and for binding a progress file to them. */
  public String name() {
    return prefix.isEmpty() ? store.description() : store.description() + " below " + prefix;
  }

  /** A listed key without the prefix. */
  String relative(String key) {
    return key.substring(prefix.length());
  }

  /** The key of an object below the prefix; empty if it would be too long. */
  Optional<ObjectKey> key(String relative) {
    String key = prefix + relative;
    return ObjectKey.isValid(key) ? Optional.of(new ObjectKey(key)) : Optional.empty();
  }

  /** Whether objects of one could be objects of the other: one bucket, and nested prefixes. */
  boolean overlaps(BucketPrefix other) {
    CopySource here = anyObject();
    CopySource there = other.anyObject();
    return here.service().equals(there.service())
        && here.bucket().equals(there.bucket())
        && (prefix.startsWith(other.prefix) || other.prefix.startsWith(prefix));
  }

  /** Tells service and bucket, by the name of an object that need not be there. */
  CopySource anyObject() {
    return store
        .copies()
        .source(
            new StoredObject(
                new ObjectKey("any"), 0, Optional.empty(), "", Instant.EPOCH, Map.of()));
  }
}
