package io.takhin.tiered.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.takhin.tiered.catalog.Notes;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Keeps records from being removed, whoever asks: a topic, one of its partitions, or a range of
 * offsets in that. One JSON object, UTF-8, the same in the bucket and in the catalog:
 *
 * <pre>
 * {
 *   "format" : 1,
 *   "name" : "audit-2026",
 *   "topic" : "orders",
 *   "partition" : 0,                          absent: all partitions
 *   "fromOffset" : 0, "toOffset" : 1000,      half-open; absent: from the first, up to the last
 *   "reason" : "asked for by the auditors",
 *   "createdAtMillis" : 1767225600000
 * }
 * </pre>
 *
 * Readers ignore fields they do not know and refuse a newer format.
 *
 * @param name 1 to 100 of letters, digits, dot, underscore and dash, the first a letter or digit
 * @param partition empty for all partitions; an offset needs one
 * @param fromOffset the first offset that is held; empty for the first there is
 * @param toOffset the offset after the last that is held; empty for all that ever come
 * @param reason for people; not blank, at most 1,000 characters
 */
public record Hold(
    String name,
    String topic,
    OptionalInt partition,
    OptionalLong fromOffset,
    OptionalLong toOffset,
    String reason,
    long createdAtMillis) {
  private static final int FORMAT = 1;
  private static final int MAX_REASON_CHARS = 1000;
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Notes of the kind {@code hold}, by name. */
  public static final Notes.Format<Hold> NOTES =
      new Notes.Format<>() {
        @Override
        public String kind() {
          return "hold";
        }

        @Override
        public String toJson(Hold value) {
          return value.toJson();
        }

        @Override
        public Hold parse(String json) {
          return Hold.parse(json);
        }
      };

  /**
   * @throws IllegalArgumentException saying what was expected and what was given
   */
  public Hold {
    requireName(name);
    PartitionId valid = new PartitionId(topic, partition.orElse(0));
    topic = valid.topic();
    if (partition.isEmpty() && (fromOffset.isPresent() || toOffset.isPresent())) {
      throw new IllegalArgumentException(
          "hold " + name + ": offsets need a partition, got offsets for all of topic " + topic);
    }
    long from = fromOffset.orElse(0);
    if (from < 0 || toOffset.orElse(Long.MAX_VALUE) <= from) {
      throw new IllegalArgumentException(
          "hold "
              + name
              + ": expected 0 <= from_offset < to_offset, got from_offset="
              + from
              + " to_offset="
              + toOffset);
    }
    if (reason.isBlank() || reason.length() > MAX_REASON_CHARS) {
      throw new IllegalArgumentException(
          "hold "
              + name
              + ": expected a reason of 1 to "
              + MAX_REASON_CHARS
              + " characters, got "
              + reason.length());
    }
  }

  /** A name that can be part of a key. */
  static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "name of a hold: expected "
              + NAME
              + ", got '"
              + name.substring(0, Math.min(name.length(), 120))
              + "'");
    }
  }

  /** A hold on all there is and ever will be of a topic. */
  public static Hold ofTopic(String name, String topic, String reason, long createdAtMillis) {
    return new Hold(
        name,
        topic,
        OptionalInt.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        reason,
        createdAtMillis);
  }

  /** Whether any record of the segment is held. */
  public boolean covers(SegmentMetadata segment) {
    return covers(segment.id().partition(), segment.id().baseOffset(), segment.endOffset());
  }

  /** Whether any offset of the half-open range is held. */
  public boolean covers(PartitionId other, long from, long to) {
    return concerns(other) && fromOffset.orElse(0) < to && from < toOffset.orElse(Long.MAX_VALUE);
  }

  boolean concerns(PartitionId other) {
    return topic.equals(other.topic())
        && (partition.isEmpty() || partition.getAsInt() == other.partition());
  }

  /** The first held offset of the partition at or behind the given one. */
  OptionalLong firstOffset(PartitionId other, long from) {
    long first = Math.max(from, fromOffset.orElse(0));
    return concerns(other) && first < toOffset.orElse(Long.MAX_VALUE)
        ? OptionalLong.of(first)
        : OptionalLong.empty();
  }

  /** Whether both keep the same records for the same reason. */
  boolean isSameAs(Hold other) {
    return withCreatedAtMillis(0).equals(other.withCreatedAtMillis(0));
  }

  private Hold withCreatedAtMillis(long millis) {
    return new Hold(name, topic, partition, fromOffset, toOffset, reason, millis);
  }

  /** Where it begins; tells one hold's changes from another's where a segment is asked for. */
  SegmentId first() {
    return SegmentId.of(topic, partition.orElse(0), fromOffset.orElse(0));
  }

  String toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("format", FORMAT).put("name", name).put("topic", topic);
    partition.ifPresent(value -> json.put("partition", value));
    fromOffset.ifPresent(value -> json.put("fromOffset", value));
    toOffset.ifPresent(value -> json.put("toOffset", value));
    json.put("reason", reason).put("createdAtMillis", createdAtMillis);
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a hold of text and numbers cannot be written", e);
    }
  }

  /**
   * @throws IllegalArgumentException if the text is not a hold that this version can read
   */
  static Hold parse(String text) {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (IOException e) {
      throw new IllegalArgumentException("hold: expected JSON, got: " + e.getMessage(), e);
    }
    int format = json.path("format").asInt(0);
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "format of a hold: expected " + FORMAT + ", got " + json.path("format"));
    }
    JsonNode partition = json.path("partition");
    return new Hold(
        json.path("name").asText(),
        json.path("topic").asText(),
        partition.isMissingNode()
            ? OptionalInt.empty()
            : OptionalInt.of(Math.toIntExact(number(partition, "partition"))),
        offset(json, "fromOffset"),
        offset(json, "toOffset"),
        json.path("reason").asText(),
        number(json.path("createdAtMillis"), "createdAtMillis"));
  }

  private static OptionalLong offset(JsonNode json, String field) {
    JsonNode value = json.path(field);
    return value.isMissingNode() ? OptionalLong.empty() : OptionalLong.of(number(value, field));
  }

  private static long number(JsonNode value, String field) {
    if (!value.isIntegralNumber()) {
      throw new IllegalArgumentException(
          "hold: " + field + ": expected a whole number, got '" + value + "'");
    }
    return value.longValue();
  }
}
