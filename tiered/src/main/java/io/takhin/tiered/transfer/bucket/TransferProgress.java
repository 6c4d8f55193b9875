package io.takhin.tiered.transfer.bucket;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a transfer has come, at one moment.
 *
 * @param objectsDone copied, skipped and failed
 * @param objectsFound by the listing so far
 * @param bytesDone of objects that are done, and of the parts of those under way
 * @param bytesFound by the listing so far
 * @param allFound whether the listing has ended, so that what was found is the total
 * @param bytesPerSecond of the last seconds; skipped bytes do not count
 * @param eta how long the rest takes at this rate; empty while nobody can tell
 * @param way how the bytes go, and why, in a few words
 */
public record TransferProgress(
    long objectsDone,
    long objectsFound,
    long objectsSkipped,
    long objectsFailed,
    long bytesDone,
    long bytesFound,
    boolean allFound,
    long bytesPerSecond,
    Optional<Duration> eta,
    String way) {}
