package io.takhin.tiered.store;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a store says of an object it holds.
 *
 * @param checksum the store's own checksum over the whole object; empty where it keeps none
 * @param etag identifies these bytes at this key; changes when the object is overwritten
 * @param metadata what the writer attached, keys in lower case; empty in listings
 * @param contentType MIME type; empty in listings, and where the store tells none
 */
public record StoredObject(
    ObjectKey key,
    long sizeBytes,
    Optional<Crc32c> checksum,
    String etag,
    Instant lastModified,
    Map<String, String> metadata,
    Optional<String> contentType) {
  public StoredObject {
    metadata = Map.copyOf(metadata);
  }

  /** Without a content type. */
  public StoredObject(
      ObjectKey key,
      long sizeBytes,
      Optional<Crc32c> checksum,
      String etag,
      Instant lastModified,
      Map<String, String> metadata) {
    this(key, sizeBytes, checksum, etag, lastModified, metadata, Optional.empty());
  }

  /** The same with a content type. */
  public StoredObject withContentType(String type) {
    return new StoredObject(
        key, sizeBytes, checksum, etag, lastModified, metadata, Optional.of(type));
  }
}
