package io.takhin.tiered.store;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * An object's full key within its bucket, prefix included.
 *
 * <p>Only the characters that every S3 server, URL and shell treats alike are allowed, and no
 * element is {@code .} or {@code ..}, so a key is also safe as a relative path in the file adapter.
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
  private static final int MAX_BYTES = 1024; // the limit of S3
  private static final Pattern ELEMENT = Pattern.compile("[a-zA-Z0-9!_.*'()=-]+");

  public ObjectKey {
    Objects.requireNonNull(value, "value");
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "invalid object key: expected elements of [a-zA-Z0-9!_.*'()=-] separated by '/', at most "
              + MAX_BYTES
              + " bytes, got '"
              + value.substring(0, Math.min(value.length(), 120))
              + "'");
    }
  }

  /** Whether this can be a key here. A bucket may hold others, which listings pass over. */
  public static boolean isValid(String value) {
    boolean valid = value.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    for (String element : value.split("/", -1)) {
      valid &= ELEMENT.matcher(element).matches() && !element.equals(".") && !element.equals("..");
    }
    return valid;
  }

  @Override
  public int compareTo(ObjectKey other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
