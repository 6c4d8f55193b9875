package io.takhin.tiered.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.PartitionId;
import java.io.IOException;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/**
 * A gap as the catalog keeps it.
 *
 * @param status what the bucket knows of it
 */
record GapNote(Gap gap, Status status) {
  static final Notes.Format<GapNote> FORMAT = new Format();

  /** What the bucket knows of a gap. */
  enum Status {
    /** Nothing yet, or what it was before. */
    NEW,
    /** The gap as it is. */
    PUBLISHED,
    /** The gap is none any more, for readers neither; its object is still to be removed. */
    RETIRED
  }

  boolean isCurrent() {
    return status != Status.RETIRED;
  }

  /** Fields by their names; a reader passes over those it does not know. */
  private static final class Format implements Notes.Format<GapNote> {
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public String kind() {
      return "gap";
    }

    @Override
    public String toJson(GapNote note) {
      StringWriter text = new StringWriter();
      Gap gap = note.gap();
      try (JsonGenerator json = JSON.createGenerator(text)) {
        json.writeStartObject();
        json.writeStringField("topic", gap.partition().topic());
        json.writeNumberField("partition", gap.partition().partition());
        json.writeNumberField("from", gap.fromOffset());
        json.writeNumberField("to", gap.toOffset());
        json.writeNumberField("segments", gap.segments());
        json.writeNumberField("bytes", gap.bytes());
        json.writeNumberField("max_timestamp_ms", gap.maxTimestampMillis());
        json.writeNumberField("dropped_at_ms", gap.droppedAtMillis());
        json.writeStringField("reason", gap.reason());
        json.writeStringField("status", note.status().name());
        json.writeEndObject();
      } catch (IOException e) {
        throw new IllegalStateException("a StringWriter refused text", e);
      }
      return text.toString();
    }

    @Override
    public GapNote parse(String text) {
      Fields fields = new Fields();
      try (JsonParser json = JSON.createParser(text)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw new IllegalArgumentException("gap: expected a JSON object, got '" + text + "'");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          fields.read(json);
        }
      } catch (IOException e) {
        throw new IllegalArgumentException("gap: " + e.getMessage() + ", got '" + text + "'", e);
      }
      try {
        return fields.toNote();
      } catch (InvalidSegmentPathException e) {
        throw new IllegalArgumentException("gap: " + e.getMessage(), e);
      }
    }
  }

  /** What was read so far. */
  private static final class Fields {
    private @Nullable String topic;
    private int partition = -1;
    private long from = -1;
    private long to = -1;
    private long segments;
    private long bytes;
    private long maxTimestampMillis = -1;
    private long droppedAtMillis;
    private String reason = "";
    private Status status = Status.NEW;

    void read(JsonParser json) throws IOException {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "topic" -> topic = json.getText();
        case "partition" -> partition = json.getIntValue();
        case "from" -> from = json.getLongValue();
        case "to" -> to = json.getLongValue();
        case "segments" -> segments = json.getLongValue();
        case "bytes" -> bytes = json.getLongValue();
        case "max_timestamp_ms" -> maxTimestampMillis = json.getLongValue();
        case "dropped_at_ms" -> droppedAtMillis = json.getLongValue();
        case "reason" -> reason = json.getText();
        case "status" -> status = Status.valueOf(json.getText());
        default -> json.skipChildren();
      }
    }

    GapNote toNote() {
      if (topic == null) {
        throw new IllegalArgumentException("gap: expected a topic, got none");
      }
      Gap gap =
          new Gap(
              new PartitionId(topic, partition),
              from,
              to,
              segments,
              bytes,
              maxTimestampMillis,
              droppedAtMillis,
              reason);
      return new GapNote(gap, status);
    }
  }
}
