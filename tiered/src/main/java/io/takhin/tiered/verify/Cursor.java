package io.takhin.tiered.verify;

import io.takhin.tiered.catalog.JsonFormat;
import io.takhin.tiered.catalog.Notes;

/**
 * How far the background verification is, as a note: it goes on there after a restart. Times are
 * milliseconds since the epoch.
 *
 * <pre>
 * { "position" : { "directory" : "orders-0", "base_offset" : 4000 },  looked at last
 *   "first_millis" : 1767225600000,                  when the very first round began
 *   "round_millis" : 1767225600000,                  begin of the round under way, 0 if none is
 *   "last_began_millis" : 0, "last_ended_millis" : 0,  the last whole round, 0 before there is one
 *   "findings" : 0, "last_findings" : 0 }            of the round under way, and of the last one
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
  static final Notes.Format<Cursor> FORMAT = JsonFormat.of("verify", Cursor.class);

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
}
