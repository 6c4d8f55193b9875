package io.takhin.tiered.store;

import java.util.Map;

/**
 * How an object is created.
 *
 * @param ifAbsent create only: an object already at the key is left alone, and the writer gets
 *     {@link StoreException.PreconditionFailed}
 * @param contentType MIME type
 * @param metadata keys in lower case letters, digits and dashes; values in printable ASCII
 */
public record PutOptions(boolean ifAbsent, String contentType, Map<String, String> metadata) {
  public static final PutOptions BINARY =
      new PutOptions(false, "application/octet-stream", Map.of());

  public PutOptions {
    metadata = Map.copyOf(metadata);
  }

  /** The same, but an object that stands already is left alone. */
  public PutOptions createOnly() {
    return new PutOptions(true, contentType, metadata);
  }
}
