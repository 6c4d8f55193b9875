package io.takhin.tiered.archive;

import java.util.Optional;

/**
 * What came of acting on a plan.
 *
 * @param removedObjects removed, of {@code removedBytes}
 * @param abortedUploads uploads in parts that were aborted
 * @param retained what the store refused to remove: under Object Lock, or by its permissions
 * @param kept what turned out to be needed, replaced, gone or in use when it was looked at again
 * @param stopped why the sweep ended before its plan did; empty if it did not
 */
public record SweepResult(
    long removedObjects,
    long removedBytes,
    long abortedUploads,
    long retained,
    long kept,
    Optional<String> stopped) {}
