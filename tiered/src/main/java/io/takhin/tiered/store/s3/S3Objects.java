package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoredObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Reads the SDK's answers as values of the port. */
final class S3Objects {
  /**
   * Metadata by which a writer knows its own conditional create again; kept from the port's users.
   */
  static final String CREATION_ID = "takhin-creation-id";

  private S3Objects() {}

  static StoredObject of(ObjectKey key, HeadObjectResponse head) {
    Map<String, String> metadata = new HashMap<>(head.metadata());
    metadata.remove(CREATION_ID);
    return new StoredObject(
        key,
        head.contentLength(),
        checksum(head.checksumCRC32C(), head.checksumType()),
        head.eTag(),
        head.lastModified(),
        metadata,
        Optional.ofNullable(head.contentType()));
  }

  static StoredObject listed(ObjectKey key, S3Object object) {
    return new StoredObject(
        key, object.size(), Optional.empty(), object.eTag(), object.lastModified(), Map.of());
  }

  /** A key that this program may have written; empty for others' objects in the same bucket. */
  static Optional<ObjectKey> key(String key) {
    try {
      return Optional.of(new ObjectKey(key));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Not ours: no key of ours is refused by the type that made it.
    }
  }

  /**
   * The store's checksum over the whole object; empty if it keeps none, or one of another kind,
   * such as a checksum over the checksums of parts, which S3 marks by a dash and their count.
   */
  static Optional<Crc32c> checksum(@Nullable String base64, @Nullable ChecksumType type) {
    if (base64 == null || type == ChecksumType.COMPOSITE || base64.indexOf('-') >= 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(Crc32c.parseBase64(base64));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Not a CRC-32C, hence no proof, which callers have to handle.
    }
  }

  /** When the server says it answered; the epoch if it does not say, or not readably. */
  static Instant date(SdkHttpResponse answer) {
    return answer.firstMatchingHeader("Date").map(S3Objects::parseDate).orElse(Instant.EPOCH);
  }

  private static Instant parseDate(String text) {
    try {
      return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }
}
