package io.takhin.tiered.verify;

/**
 * How far a round is, in the order of the object keys.
 *
 * @param directory the partition's directory; empty at the begin
 * @param baseOffset the last segment of it that was looked at; -1 for none yet
 */
record Position(String directory, long baseOffset) {
  static final Position BEGIN = new Position("", -1);
}
