package io.takhin.tiered.policy;

/**
 * What one pass did.
 *
 * @param due segments whose time had come
 * @param reclassified segments that got another tier
 * @param archived segments copied to the bucket
 * @param reclaimed segments whose local files were freed
 * @param failed actions that failed; they are due again in the next pass
 * @param deferred actions put off, because the store refuses everybody, a reader has the segment,
 *     or an older one has to go first; due again likewise
 * @param running actions that had not ended when the pass stopped waiting
 */
public record PolicyRun(
    long due,
    long reclassified,
    long archived,
    long reclaimed,
    long failed,
    long deferred,
    long running) {
  /** Before the first pass. */
  public static final PolicyRun NONE = new PolicyRun(0, 0, 0, 0, 0, 0, 0);
}
