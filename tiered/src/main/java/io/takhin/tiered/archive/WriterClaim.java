package io.takhin.tiered.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;

/**
 * Says who took a prefix; the newest of a prefix counts. One JSON object, UTF-8, at {@code
 * <prefix>/.takhin/writers/<20-digit epoch>.json}:
 *
 * <pre>
 * {
 *   "format" : 1,
 *   "program" : "takhin",
 *   "epoch" : 7,
 *   "writerId" : "9b3c…",                     of the data directory; copied with it
 *   "session" : "5b1f…",                      of one start; nobody else has it
 *   "startedAtMillis" : 1767225600000         milliseconds since the epoch of time
 * }
 * </pre>
 *
 * Readers ignore fields they do not know and refuse a newer format. No host is named: the bucket
 * may be readable to others.
 */
record WriterClaim(
    int format, String program, long epoch, String writerId, String session, long startedAtMillis) {
  static final int FORMAT = 1;
  static final String CONTENT_TYPE = "application/json";
  private static final String PROGRAM = "takhin";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  static WriterClaim of(long epoch, String writerId, String session, long startedAtMillis) {
    return new WriterClaim(FORMAT, PROGRAM, epoch, writerId, session, startedAtMillis);
  }

  byte[] toJson() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a claim of text and numbers cannot be written", e);
    }
  }

  /** Reads what stands at the key. */
  static WriterClaim parse(ObjectKey key, byte[] json) throws IOException {
    try {
      JsonNode tree = JSON.readTree(json);
      int format = tree.path("format").asInt(0);
      if (format != FORMAT) {
        throw new IOException(
            "unreadable claim: key=" + key + " format: expected " + FORMAT + ", got " + format);
      }
      return JSON.treeToValue(tree, WriterClaim.class);
    } catch (JsonProcessingException e) {
      throw new IOException("unreadable claim: key=" + key + " problem=" + e.getMessage(), e);
    }
  }
}
