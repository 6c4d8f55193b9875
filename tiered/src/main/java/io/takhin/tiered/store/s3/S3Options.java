package io.takhin.tiered.store.s3;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Which bucket, and how patiently.
 *
 * @param region such as {@code eu-central-1}; servers other than Amazon's mostly take any
 * @param endpoint of a server other than Amazon's, such as {@code http://127.0.0.1:9000}; empty
 *     means Amazon's in the region
 * @param pathStyle whether the bucket stands in the path rather than in the host name; empty means
 *     yes if there is an endpoint
 * @param requestTimeout for one attempt at one request; the attempts together may take that long
 *     times {@code maxRetries + 1}
 * @param maxRetries of a request that failed in passing; 1 or more, because the uploading client
 *     takes 0 for a default of its own
 * @param maxConnections for uploads; reads take one per calling thread
 * @param keys for servers that want none in particular; empty means the default chain of the AWS
 *     SDK: environment, profile file, container or instance role
 */
public record S3Options(
    String bucket,
    String region,
    Optional<URI> endpoint,
    Optional<Boolean> pathStyle,
    Duration requestTimeout,
    int maxRetries,
    int maxConnections,
    Optional<StaticKeys> keys) {
  private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final int DEFAULT_MAX_RETRIES = 3;
  private static final int DEFAULT_MAX_CONNECTIONS = 16;

  public S3Options {
    requireText("bucket", bucket);
    requireText("region", region);
    endpoint.ifPresent(S3Options::requireHttp);
    if (requestTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(
          "requestTimeout: expected at least 1 ms, got " + requestTimeout);
    }
    if (maxRetries < 1) {
      throw new IllegalArgumentException("maxRetries: expected 1 or more, got " + maxRetries);
    }
    if (maxConnections < 1) {
      throw new IllegalArgumentException(
          "maxConnections: expected 1 or more, got " + maxConnections);
    }
  }

  /** A bucket of Amazon's, with the defaults for the rest. */
  public static S3Options onAws(String bucket, String region) {
    return new S3Options(
        bucket,
        region,
        Optional.empty(),
        Optional.empty(),
        DEFAULT_REQUEST_TIMEOUT,
        DEFAULT_MAX_RETRIES,
        DEFAULT_MAX_CONNECTIONS,
        Optional.empty());
  }

  /** A bucket of another server, with the defaults for the rest. */
  public static S3Options at(URI endpoint, String bucket, String region) {
    return onAws(bucket, region).withEndpoint(endpoint);
  }

  public S3Options withEndpoint(URI newEndpoint) {
    return new S3Options(
        bucket,
        region,
        Optional.of(newEndpoint),
        pathStyle,
        requestTimeout,
        maxRetries,
        maxConnections,
        keys);
  }

  public S3Options withKeys(StaticKeys newKeys) {
    return new S3Options(
        bucket,
        region,
        endpoint,
        pathStyle,
        requestTimeout,
        maxRetries,
        maxConnections,
        Optional.of(newKeys));
  }

  public S3Options withPatience(Duration newRequestTimeout, int newMaxRetries) {
    return new S3Options(
        bucket,
        region,
        endpoint,
        pathStyle,
        newRequestTimeout,
        newMaxRetries,
        maxConnections,
        keys);
  }

  boolean usesPathStyle() {
    return pathStyle.orElse(endpoint.isPresent());
  }

  /** All attempts at one request, and the pauses between them. */
  Duration callTimeout() {
    return requestTimeout.multipliedBy(maxRetries + 1L);
  }

  private static void requireText(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + ": expected a value, got '" + value + "'");
    }
  }

  private static void requireHttp(URI endpoint) {
    boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!http || endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "endpoint: expected http:// or https:// and a host, got '" + endpoint + "'");
    }
  }

  /** A pair of keys for a server on the same machine that checks none. */
  public record StaticKeys(String accessKeyId, String secretAccessKey) {
    /** Without the secret. */
    @Override
    public String toString() {
      return "StaticKeys[accessKeyId=" + accessKeyId + "]";
    }
  }
}
