package io.takhin.console.stats;

import io.takhin.tiered.policy.PolicyRun;

/**
 * What one policy pass did, in segments.
 *
 * @param due asked for a decision
 * @param reclassified got another tier
 * @param failed will be due again in the next pass
 * @param deferred not begun, because the store refuses everybody; due again in the next pass
 * @param running had not ended when the pass stopped waiting
 */
public record PolicyRunDetail(
    long due,
    long reclassified,
    long archived,
    long reclaimed,
    long failed,
    long deferred,
    long running) {
  public static PolicyRunDetail of(PolicyRun run) {
    return new PolicyRunDetail(
        run.due(),
        run.reclassified(),
        run.archived(),
        run.reclaimed(),
        run.failed(),
        run.deferred(),
        run.running());
  }
}
