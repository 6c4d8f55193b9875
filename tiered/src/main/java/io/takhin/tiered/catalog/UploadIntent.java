package io.takhin.tiered.catalog;

import io.takhin.tiered.store.ObjectKey;

/**
 * What is durable before the first byte is sent, so that a restart knows which objects may exist.
 *
 * @param attempt random, written into the manifest: tells this attempt's manifest from another's
 * @param manifest key of the manifest to come; the files are to lie beside it
 * @param startedAtMillis milliseconds since the epoch
 */
public record UploadIntent(String attempt, ObjectKey manifest, long startedAtMillis) {}
