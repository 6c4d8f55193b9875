package io.takhin.benchmarks.transfer;

/**
 * One transfer of a data set.
 *
 * @param nanos until the contender said that it was done
 * @param onDiskNanos until the files that it made were on disk, too; the same for an upload
 * @param cpuNanos of its process, in user and system mode
 * @param peakRssBytes of its process
 */
record Sample(long nanos, long onDiskNanos, long cpuNanos, long peakRssBytes) {}
