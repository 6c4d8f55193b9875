package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How to reach the bucket. Credentials are not here: they come from the AWS default chain.
 *
 * @param bucket a valid S3 bucket name
 * @param region such as {@code us-east-1}
 * @param prefix folders in the bucket, never empty, without a slash at either end
 * @param endpoint the server
 * @param pathStyle whether the bucket stands in the path of a URL rather than in its host name;
 *     {@code auto} is already resolved
 * @param requestTimeout limit of one attempt of one request
 * @param maxRetries attempts after the first one, 1 or more
 * @param objects how it keeps what is written
 */
public record S3Config(
    String bucket,
    String region,
    String prefix,
    S3Endpoint endpoint,
    boolean pathStyle,
    Duration requestTimeout,
    int maxRetries,
    S3ObjectsConfig objects) {

  public S3Config {
    requireNonNull(bucket, "bucket");
    requireNonNull(region, "region");
    requireNonNull(prefix, "prefix");
    requireNonNull(endpoint, "endpoint");
    requireNonNull(requestTimeout, "requestTimeout");
    requireNonNull(objects, "objects");
  }
}
