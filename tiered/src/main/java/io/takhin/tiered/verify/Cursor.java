package io.takhin.tiered.verify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.takhin.tiered.catalog.Notes;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;

/**
 * How far the background verification is, as a note: it goes on there after a restart. Times are
 * milliseconds since the epoch.
 *
 * <pre>
 * { "directory" : "orders-0", "base_offset" : 4000,   the last segment that was looked at
 *   "first_ms" : 1767225600000,                       when the very first round began
 *   "round_ms" : 1767225600000,                       begin of the round under way, 0 if none is
 *   "last_began_ms" : 0, "last_ended_ms" : 0,         the last whole round, 0 before there is one
 *   "findings" : 0, "last_findings" : 0 }             of the round under way, and of the last one
 * </pre>
 */
record Cursor(
    Position position,
    long firstMillis,
    long roundMillis,
    long lastBeganMillis,
    long lastEndedMillis,
    long findings,
    long lastFindings) {
  static final String KEY = "background";
  static final Notes.Format<Cursor> FORMAT = new Json();

  static Cursor first(long nowMillis) {
    return new Cursor(Position.BEGIN, nowMillis, 0, 0, 0, 0, 0);
  }

  boolean isInRound() {
    return roundMillis != 0;
  }

  Cursor began(long nowMillis) {
    return new Cursor(
        Position.BEGIN,
        firstMillis,
        Math.max(1, nowMillis),
        lastBeganMillis,
        lastEndedMillis,
        0,
        lastFindings);
  }

  Cursor at(Position next, long findingsSoFar) {
    return new Cursor(
        next,
        firstMillis,
        roundMillis,
        lastBeganMillis,
        lastEndedMillis,
        findingsSoFar,
        lastFindings);
  }

  Cursor ended(long nowMillis, long findingsInAll) {
    return new Cursor(Position.BEGIN, firstMillis, 0, roundMillis, nowMillis, 0, findingsInAll);
  }

  /**
   * Since when the segment that waits longest has not been looked at, at worst: since the last
   * whole round began, or since the first began if none was whole yet.
   */
  long oldestLookMillis() {
    return lastBeganMillis == 0 ? firstMillis : lastBeganMillis;
  }

  private static final class Json implements Notes.Format<Cursor> {
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public String kind() {
      return "verify";
    }

    @Override
    public String toJson(Cursor value) {
      StringWriter text = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(text)) {
        json.writeStartObject();
        json.writeStringField("directory", value.position.directory());
        json.writeNumberField("base_offset", value.position.baseOffset());
        json.writeNumberField("first_ms", value.firstMillis);
        json.writeNumberField("round_ms", value.roundMillis);
        json.writeNumberField("last_began_ms", value.lastBeganMillis);
        json.writeNumberField("last_ended_ms", value.lastEndedMillis);
        json.writeNumberField("findings", value.findings);
        json.writeNumberField("last_findings", value.lastFindings);
        json.writeEndObject();
      } catch (IOException e) {
        throw new IllegalStateException("a StringWriter refused text", e);
      }
      return text.toString();
    }

    @Override
    public Cursor parse(String text) {
      String directory = "";
      Map<String, Long> numbers = new HashMap<>();
      try (JsonParser json = JSON.createParser(text)) {
        require(json.nextToken() == JsonToken.START_OBJECT, text);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          JsonToken value = json.nextToken();
          if (field.equals("directory")) {
            directory = json.getText();
          } else if (value == JsonToken.VALUE_NUMBER_INT) {
            numbers.put(field, json.getLongValue());
          } else {
            json.skipChildren(); // a field of a later version
          }
        }
      } catch (IOException e) {
        throw new IllegalArgumentException("expected a cursor, got '" + text + "'", e);
      }
      require(numbers.containsKey("first_ms"), text);
      return new Cursor(
          new Position(directory, numbers.getOrDefault("base_offset", -1L)),
          numbers.getOrDefault("first_ms", 0L),
          numbers.getOrDefault("round_ms", 0L),
          numbers.getOrDefault("last_began_ms", 0L),
          numbers.getOrDefault("last_ended_ms", 0L),
          numbers.getOrDefault("findings", 0L),
          numbers.getOrDefault("last_findings", 0L));
    }

    private static void require(boolean holds, String text) {
      if (!holds) {
        throw new IllegalArgumentException("expected a cursor, got '" + text + "'");
      }
    }
  }
}
