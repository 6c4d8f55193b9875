package io.takhin.tiered.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.io.StringWriter;

/**
 * What is known against one segment. As a note of the catalog, by the segment's path:
 *
 * <pre>
 * {
 *   "segment" : "orders-0/00000000000000000000.log",
 *   "stage" : "archive",                      a {@link QuarantineStage}
 *   "reason" : "size changed: …",
 *   "first_failed_at_millis" : 1767225600000, milliseconds since the epoch, as all times
 *   "last_failed_at_millis" : 1767225900000,
 *   "attempts" : 5,
 *   "next_attempt_at_millis" : 1767226200000  left out once it is quarantined
 * }
 * </pre>
 *
 * @param reason of the last failure, one line; shortened to {@link #MAX_REASON_CHARS}
 * @param attempts that failed, 1 or more
 * @param nextAttemptAtMillis when it may be tried again by itself; {@link #NEVER} if it is
 *     quarantined
 */
public record QuarantineEntry(
    SegmentId segment,
    QuarantineStage stage,
    String reason,
    long firstFailedAtMillis,
    long lastFailedAtMillis,
    int attempts,
    long nextAttemptAtMillis) {
  /** No attempt until somebody asks for one. */
  public static final long NEVER = Long.MAX_VALUE;

  static final int MAX_REASON_CHARS = 500;

  static final Notes.Format<QuarantineEntry> FORMAT = new Format();

  public QuarantineEntry {
    if (attempts < 1) {
      throw new IllegalArgumentException("invalid attempts: expected 1 or more, got " + attempts);
    }
    reason = oneLine(reason);
  }

  /** Whether it is left alone until somebody asks. */
  public boolean isQuarantined() {
    return nextAttemptAtMillis == NEVER;
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS - 1) + "…";
  }

  private static final class Format implements Notes.Format<QuarantineEntry> {
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public String kind() {
      return "quarantine";
    }

    @Override
    public String toJson(QuarantineEntry entry) {
      StringWriter text = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(text)) {
        json.writeStartObject();
        json.writeStringField("segment", entry.segment.path());
        json.writeStringField("stage", entry.stage.label());
        json.writeStringField("reason", entry.reason);
        json.writeNumberField("first_failed_at_millis", entry.firstFailedAtMillis);
        json.writeNumberField("last_failed_at_millis", entry.lastFailedAtMillis);
        json.writeNumberField("attempts", entry.attempts);
        if (!entry.isQuarantined()) {
          json.writeNumberField("next_attempt_at_millis", entry.nextAttemptAtMillis);
        }
        json.writeEndObject();
      } catch (IOException e) {
        throw new IllegalStateException("a StringWriter refused text", e);
      }
      return text.toString();
    }

    @Override
    public QuarantineEntry parse(String text) {
      String segment = "";
      String stage = "";
      String reason = "";
      long first = 0;
      long last = 0;
      int attempts = 0;
      long next = NEVER;
      try (JsonParser json = JSON.createParser(text)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw new IllegalArgumentException("expected a JSON object, got '" + text + "'");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          json.nextToken();
          switch (field) {
            case "segment" -> segment = json.getText();
            case "stage" -> stage = json.getText();
            case "reason" -> reason = json.getText();
            case "first_failed_at_millis" -> first = json.getLongValue();
            case "last_failed_at_millis" -> last = json.getLongValue();
            case "attempts" -> attempts = json.getIntValue();
            case "next_attempt_at_millis" -> next = json.getLongValue();
            default -> json.skipChildren(); // a field of a later version of the same format
          }
        }
      } catch (IOException e) {
        throw new IllegalArgumentException("expected JSON, got '" + text + "'", e);
      }
      return new QuarantineEntry(
          SegmentId.parse(segment), QuarantineStage.of(stage), reason, first, last, attempts, next);
    }
  }
}
