package io.takhin.config;

/**
 * How files travel, in either direction.
 *
 * @param partSizeBytes size of a part of an upload and of a range of a download
 * @param parallelism parts under way at once over all uploads, and ranges over all downloads
 * @param uploadLimitBytesPerSecond of all uploads together; 0 for no limit
 * @param downloadLimitBytesPerSecond of all downloads together; 0 for no limit
 */
public record TransferConfig(
    long partSizeBytes,
    int parallelism,
    long uploadLimitBytesPerSecond,
    long downloadLimitBytesPerSecond) {}
