package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.JsonFormat;
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
  static final Notes.Format<WriterNote> FORMAT = JsonFormat.of("writer", WriterNote.class);

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
}
