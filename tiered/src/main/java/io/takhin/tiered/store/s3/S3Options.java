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
 *     times {@code maxRetries + 1}. A body on its way may take longer, as long as it moves: this is
 *     then how long its connection may move no byte before it is given up and the next one tried
 * @param maxRetries of a request that failed in passing, 0 or more; one that the store told to slow
 *     down is tried until all these attempts would have timed out
 * @param keys for servers that want none in particular; empty means the default chain of the AWS
 *     SDK: environment, web identity, profile file, container or instance role
 * @param profile section of the AWS profile files to take credentials from, instead of the default
 *     chain; does not matter where there are keys
 * @param keeping what the store is told of each object that is written
 */
public record S3Options(
    String bucket,
    String region,
    Optional<URI> endpoint,
    Optional<Boolean> pathStyle,
    Duration requestTimeout,
    int maxRetries,
    Optional<StaticKeys> keys,
    Optional<String> profile,
    S3Keeping keeping) {
  private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final int DEFAULT_MAX_RETRIES = 3;

  public S3Options {
    requireText("bucket", bucket);
    requireText("region", region);
    endpoint.ifPresent(S3Options::requireHttp);
    profile.ifPresent(name -> requireText("profile", name));
    if (requestTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(
          "requestTimeout: expected at least 1 ms, got " + requestTimeout);
    }
    if (maxRetries < 0) {
      throw new IllegalArgumentException("maxRetries: expected 0 or more, got " + maxRetries);
    }
  }

  /** Without a profile, and kept as the bucket does. */
  public S3Options(
      String bucket,
      String region,
      Optional<URI> endpoint,
      Optional<Boolean> pathStyle,
      Duration requestTimeout,
      int maxRetries,
      Optional<StaticKeys> keys) {
    this(
        bucket,
        region,
        endpoint,
        pathStyle,
        requestTimeout,
        maxRetries,
        keys,
        Optional.empty(),
        S3Keeping.AS_THE_BUCKET_DOES);
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
        keys,
        profile,
        keeping);
  }

  public S3Options withKeys(StaticKeys newKeys) {
    return new S3Options(
        bucket,
        region,
        endpoint,
        pathStyle,
        requestTimeout,
        maxRetries,
        Optional.of(newKeys),
        profile,
        keeping);
  }

  public S3Options withProfile(String newProfile) {
    return new S3Options(
        bucket,
        region,
        endpoint,
        pathStyle,
        requestTimeout,
        maxRetries,
        keys,
        Optional.of(newProfile),
        keeping);
  }

  public S3Options withPathStyle(boolean newPathStyle) {
    return new S3Options(
        bucket,
        region,
        endpoint,
        Optional.of(newPathStyle),
        requestTimeout,
        maxRetries,
        keys,
        profile,
        keeping);
  }

  public S3Options withPatience(Duration newRequestTimeout, int newMaxRetries) {
    return new S3Options(
        bucket,
        region,
        endpoint,
        pathStyle,
        newRequestTimeout,
        newMaxRetries,
        keys,
        profile,
        keeping);
  }

  public S3Options withKeeping(S3Keeping newKeeping) {
    return new S3Options(
        bucket, region, endpoint, pathStyle, requestTimeout, maxRetries, keys, profile, newKeeping);
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
