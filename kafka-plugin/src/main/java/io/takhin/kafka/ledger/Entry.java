package io.takhin.kafka.ledger;

/** What is known of the objects of one segment, beside those that Kafka knows as copied. */
enum Entry {
  /** On their way. Nobody counts on them before {@link Ledger#commit}. */
  COPYING,
  /** To be removed, and perhaps parts of uploads that were broken off with them. */
  DOOMED_WITH_PARTS,
  /** To be removed. */
  DOOMED;

  boolean isDoomed() {
    return this != COPYING;
  }
}
