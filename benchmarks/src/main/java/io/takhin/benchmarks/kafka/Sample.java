package io.takhin.benchmarks.kafka;

/**
 * What one copy or one read came to, on the node.
 *
 * @param requestsPerGb that the store was asked, per 10⁹ bytes of data
 * @param movedPerByte bytes between node and store for each byte of data
 * @param peakRssMiB of the node
 */
record Sample(
    double megabytesPerSecond,
    double cpuSecondsPerGb,
    double requestsPerGb,
    double movedPerByte,
    double peakRssMiB) {}
