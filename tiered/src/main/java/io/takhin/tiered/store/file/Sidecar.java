package io.takhin.tiered.store.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What the store says of an object, as JSON beside its bytes. Renaming it into place is what makes
 * the object visible, and it names the file that holds the bytes, so the two always belong
 * together.
 *
 * @param format version of this layout, {@value #FORMAT}
 * @param etag also the ending of the data file's name
 * @param crc32c over the bytes, four bytes in base64
 */
record Sidecar(
    int format,
    String etag,
    long sizeBytes,
    String crc32c,
    long lastModifiedMillis,
    String contentType,
    Map<String, String> metadata) {
  static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  static Sidecar of(
      String etag, long sizeBytes, Crc32c checksum, long nowMillis, PutOptions options) {
    return new Sidecar(
        FORMAT,
        etag,
        sizeBytes,
        checksum.base64(),
        nowMillis,
        options.contentType(),
        options.metadata());
  }

  /** The sidecar of the object at a key; empty if there is no object. */
  static Optional<Sidecar> find(Layout layout, ObjectKey key) throws IOException {
    Path file = layout.sidecar(key);
    Sidecar sidecar;
    try {
      sidecar = JSON.readValue(Files.readAllBytes(file), Sidecar.class);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new DamagedFileException("unreadable: file=" + file, e);
    }
    if (sidecar.format != FORMAT) {
      throw new DamagedFileException(
          "unknown format: file=" + file + " expected=" + FORMAT + " got=" + sidecar.format, null);
    }
    return Optional.of(sidecar);
  }

  ByteBuffer json() throws IOException {
    return ByteBuffer.wrap(JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8));
  }

  /** As in a listing, which carries no metadata. */
  StoredObject listed(ObjectKey key) {
    return new StoredObject(key, sizeBytes, checksum(), etag, lastModified(), Map.of());
  }

  StoredObject describe(ObjectKey key) {
    return new StoredObject(key, sizeBytes, checksum(), etag, lastModified(), metadata)
        .withContentType(contentType);
  }

  private Optional<Crc32c> checksum() {
    return Optional.of(Crc32c.parseBase64(crc32c));
  }

  private Instant lastModified() {
    return Instant.ofEpochMilli(lastModifiedMillis);
  }
}
