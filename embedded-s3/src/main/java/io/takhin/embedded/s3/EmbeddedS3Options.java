package io.takhin.embedded.s3;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How an embedded S3 server runs.
 *
 * @param dir holds the server's files and logs; made if absent, kept across restarts, and used by
 *     one server at a time
 * @param port to listen on at 127.0.0.1; 0 takes a free one
 * @param bucket exists once the server answers
 * @param startTimeout how long the server may take until it answers
 * @param maxHeapMiB heap limit of the server process, in MiB
 */
public record EmbeddedS3Options(
    Path dir, int port, String bucket, Duration startTimeout, int maxHeapMiB) {
  /** Ample for a slow machine; two to four seconds are usual. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);

  /** Enough for parts of 64 MiB and objects of several GiB: the server streams to files. */
  public static final int DEFAULT_MAX_HEAP_MIB = 256;

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final int MAX_PORT = 65_535;
  private static final int MIN_HEAP_MIB = 64;

  public EmbeddedS3Options {
    dir = dir.toAbsolutePath().normalize();
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port: expected 0 to " + MAX_PORT + ", got " + port);
    }
    if (!BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException(
          "bucket: expected 3 to 63 of [a-z0-9.-], beginning and ending with a letter or digit,"
              + " got '"
              + bucket
              + "'");
    }
    if (startTimeout.isNegative() || startTimeout.isZero()) {
      throw new IllegalArgumentException("startTimeout: expected more than 0, got " + startTimeout);
    }
    if (maxHeapMiB < MIN_HEAP_MIB) {
      throw new IllegalArgumentException(
          "maxHeapMiB: expected at least " + MIN_HEAP_MIB + ", got " + maxHeapMiB);
    }
  }

  /** A server on a free port, with the defaults for the rest. */
  public static EmbeddedS3Options onFreePort(Path dir, String bucket) {
    return new EmbeddedS3Options(dir, 0, bucket, DEFAULT_START_TIMEOUT, DEFAULT_MAX_HEAP_MIB);
  }

  /** The same on a given port. */
  public EmbeddedS3Options withPort(int newPort) {
    return new EmbeddedS3Options(dir, newPort, bucket, startTimeout, maxHeapMiB);
  }
}
