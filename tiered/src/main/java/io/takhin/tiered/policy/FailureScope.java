package io.takhin.tiered.policy;

/** Whom a failure befalls. */
public enum FailureScope {
  /** The one segment: others can be worked on as before. */
  SEGMENT,
  /**
   * The one segment, as it seems; but it is a refusal or a silence of the store, and if many
   * segments meet it one after another it is the store's all the same.
   */
  DOUBTFUL,
  /** Every segment: trying the next would help nobody. */
  STORE
}
