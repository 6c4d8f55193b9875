package io.takhin.tiered.transfer.bucket;

/**
 * An object that did not arrive.
 *
 * @param key in the source, prefix included
 * @param reason a message for people
 */
public record FailedObject(String key, String reason) {}
