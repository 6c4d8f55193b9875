package io.takhin.config;

/**
 * How one file travels, in either direction.
 *
 * @param partSizeBytes size of a part of an upload and of a range of a download
 * @param parallelism parts or ranges of one transfer under way at once
 */
public record TransferConfig(long partSizeBytes, int parallelism) {}
