package io.takhin.tiered.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.takhin.tiered.catalog.Notes;
import java.util.ArrayList;
import java.util.List;

/**
 * What the catalog knows of its own writing. As a note: {@code {"writer_id":…, "epoch":…,
 * "sessions":[…]}}.
 *
 * @param writerId made with the catalog
 * @param epoch the newest that was tried for, 0 before the first
 * @param sessions of the latest starts on this data directory, the newest last. An epoch of one of
 *     them is ours. One of a start on a copy of the directory is not among them, although it has
 *     the same writer id
 */
record WriterNote(String writerId, long epoch, List<String> sessions) {
  static final Notes.Format<WriterNote> FORMAT = new Format();

  /** There is one note of the kind. */
  static final String KEY = "writer";

  /** As many starts as may have failed between one whose epoch arrived and the next. */
  private static final int MAX_SESSIONS = 16;

  WriterNote {
    sessions = List.copyOf(sessions);
  }

  /** Before the epoch is tried for: it may arrive, whatever this process learns of it. */
  WriterNote tryingFor(long nextEpoch, String session) {
    List<String> known = new ArrayList<>(sessions);
    known.remove(session);
    known.add(session);
    int surplus = Math.max(0, known.size() - MAX_SESSIONS);
    return new WriterNote(writerId, nextEpoch, known.subList(surplus, known.size()));
  }

  private static final class Format implements Notes.Format<WriterNote> {
    private static final JsonMapper JSON =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    @Override
    public String kind() {
      return "writer";
    }

    @Override
    public String toJson(WriterNote note) {
      try {
        return JSON.writeValueAsString(note);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a note of text and numbers cannot be written", e);
      }
    }

    @Override
    public WriterNote parse(String json) {
      try {
        return JSON.readValue(json, WriterNote.class);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("expected a writer, got '" + json + "'", e);
      }
    }
  }
}
