package io.takhin.testkit;

/** What a {@link LyingStore} can be untrue about. */
public enum Lie {
  /** Writes are acknowledged and dropped. */
  DROPS_WRITES,
  /** Removals are acknowledged and do not happen. */
  DROPS_DELETES,
  /** Of what is written the last byte is lost; asked for size and checksum, the store admits it. */
  TRUNCATES_WRITES,
  /** In what is written one bit changes; asked for the checksum, the store admits it. */
  FLIPS_WRITES,
  /** As {@link #FLIPS_WRITES}, and asked for the checksum it repeats what the writer had sent. */
  FLIPS_WRITES_AND_DENIES,
  /** Reads come one byte short, and report success. */
  TRUNCATES_READS,
  /** Reads come with one wrong bit. */
  FLIPS_READS,
  /** Reads give the bytes of another object, as far as it is long enough. */
  SWAPS_OBJECTS,
  /** Reads and questions are answered with what stood there before it was replaced or removed. */
  ANSWERS_WITH_OLD_DATA,
  /** Whatever was written once is said to be there, though it is lost. */
  CLAIMS_LOST_OBJECTS,
  /** Questions are answered with a checksum that is not the object's. */
  TELLS_WRONG_CHECKSUM
}
