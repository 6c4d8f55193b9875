package io.takhin.tiered.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;

/**
 * Says within the bucket that a segment is deleted although its objects still lie there, so that a
 * catalog that is rebuilt from there does not take it for a living one. Lies beside the manifest,
 * {@code <base offset>.tombstone.json}; one JSON object, UTF-8:
 *
 * <pre>
 * {
 *   "format" : 1,
 *   "topic" : "orders", "partition" : 0, "baseOffset" : 0,
 *   "deletedAtMillis" : 1767225600000,
 *   "purgeAtMillis" : 1767312000000            the objects stay at least until then
 * }
 * </pre>
 *
 * Readers ignore fields they do not know and refuse a newer format.
 */
public record Tombstone(SegmentId id, long deletedAtMillis, long purgeAtMillis) {
  private static final int FORMAT = 1;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  String toJson() {
    try {
      return JSON.writeValueAsString(
          JSON.createObjectNode()
              .put("format", FORMAT)
              .put("topic", id.partition().topic())
              .put("partition", id.partition().partition())
              .put("baseOffset", id.baseOffset())
              .put("deletedAtMillis", deletedAtMillis)
              .put("purgeAtMillis", purgeAtMillis));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tombstone of text and numbers cannot be written", e);
    }
  }

  /**
   * Reads what stands at the key.
   *
   * @throws IOException if it is no tombstone that this version can read, naming the key
   */
  public static Tombstone parse(ObjectKey key, byte[] json) throws IOException {
    try {
      JsonNode tree = JSON.readTree(json);
      int format = tree.path("format").asInt(0);
      if (format != FORMAT) {
        throw new IllegalArgumentException(
            "format: expected " + FORMAT + ", got " + tree.path("format"));
      }
      return new Tombstone(
          SegmentId.of(
              tree.path("topic").asText(),
              Math.toIntExact(number(tree, "partition")),
              number(tree, "baseOffset")),
          number(tree, "deletedAtMillis"),
          number(tree, "purgeAtMillis"));
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new IOException("unreadable tombstone: key=" + key + " problem=" + e.getMessage(), e);
    }
  }

  private static long number(JsonNode tree, String field) {
    JsonNode value = tree.path(field);
    if (!value.isIntegralNumber()) {
      throw new IllegalArgumentException(field + ": expected a whole number, got '" + value + "'");
    }
    return value.longValue();
  }
}
