package io.takhin.tiered.store.s3;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Two clients for one bucket, with the same endpoint, region, credentials and patience.
 *
 * <p>Bodies are sent by the CRT client: it signs no payload and costs a third of the processor time
 * of the others. Everything else goes by the blocking client, whose ranged reads are the fastest
 * and which has timeouts per attempt. The checksums that we send are those the caller computed, so
 * the SDK is told to compute none of its own.
 */
record S3Clients(S3Client blocking, S3AsyncClient uploading, AwsCredentialsProvider credentials)
    implements AutoCloseable {
  private static final long NEVER_SPLIT_BYTES = 5L << 30; // The most that S3 takes in one request.
  private static final double TARGET_GBPS = 2;
  private static final long MIN_STALL_SECONDS = 2;
  private static final long STALLED_BYTES_PER_SECOND = 1;

  /** Builds both; connects to nothing. */
  static S3Clients build(S3Options options) {
    AwsCredentialsProvider credentials =
        options
            .keys()
            .<AwsCredentialsProvider>map(
                keys ->
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey())))
            .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    S3Client blocking = blocking(options, credentials);
    return new S3Clients(blocking, uploading(options, credentials), credentials);
  }

  private static S3Client blocking(S3Options options, AwsCredentialsProvider credentials) {
    Duration attempt = options.requestTimeout();
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(options.region()))
            .credentialsProvider(credentials)
            .forcePathStyle(options.usesPathStyle())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .httpClientBuilder(
                UrlConnectionHttpClient.builder().connectionTimeout(attempt).socketTimeout(attempt))
            .overrideConfiguration(
                o ->
                    o.apiCallAttemptTimeout(attempt)
                        .apiCallTimeout(options.callTimeout())
                        .retryStrategy(r -> r.maxAttempts(options.maxRetries() + 1)));
    options.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  private static S3AsyncClient uploading(S3Options options, AwsCredentialsProvider credentials) {
    var builder =
        S3AsyncClient.crtBuilder()
            .region(Region.of(options.region()))
            .credentialsProvider(credentials)
            .forcePathStyle(options.usesPathStyle())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .thresholdInBytes(NEVER_SPLIT_BYTES)
            .targetThroughputInGbps(TARGET_GBPS)
            .maxConcurrency(options.maxConnections())
            .retryConfiguration(r -> r.numRetries(options.maxRetries()))
            .httpConfiguration(
                http ->
                    http.connectionTimeout(options.requestTimeout())
                        .connectionHealthConfiguration(
                            health ->
                                health
                                    .minimumThroughputInBps(STALLED_BYTES_PER_SECOND)
                                    .minimumThroughputTimeout(stallTimeout(options))));
    options.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  /** The client counts in whole seconds, from two on. */
  private static Duration stallTimeout(S3Options options) {
    return Duration.ofSeconds(Math.max(MIN_STALL_SECONDS, options.requestTimeout().toSeconds()));
  }

  @Override
  public void close() {
    uploading.close();
    blocking.close();
    if (credentials instanceof AutoCloseable closeable) {
      closeQuietly(closeable);
    }
  }

  private static void closeQuietly(AutoCloseable credentials) {
    try {
      credentials.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot close the credentials provider", e);
    }
  }
}
