package io.takhin.tiered.store.s3;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * The clients for one bucket, with the same endpoint, region, credentials and retries.
 *
 * <p>Bodies of some size go by a client that writes them to the socket without a copy, and gives up
 * a connection that moves nothing. Everything else goes by the other, whose ranged reads are the
 * fastest and which has timeouts per attempt. The checksums that we send are those the caller
 * computed, so the SDK is told to compute none of its own.
 *
 * @param waiting asks for work on bytes that the store has, which takes as long as there are bytes;
 *     its requests bring timeouts of their own
 * @param uploads carries what {@code sending} sends
 */
record S3Clients(
    S3Client asking,
    S3Client waiting,
    S3Client sending,
    UploadHttpClient uploads,
    AwsCredentialsProvider credentials,
    S3Strain strain)
    implements AutoCloseable {
  /** For work that the store does in silence; each request has a shorter limit by its size. */
  private static final Duration LONGEST_SILENCE = Duration.ofHours(1);

  /** Builds them; connects to nothing. */
  static S3Clients build(S3Options options) {
    AwsCredentialsProvider credentials =
        options
            .keys()
            .<AwsCredentialsProvider>map(
                keys ->
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey())))
            .orElseGet(() -> S3Credentials.of(options.profile()));
    S3Strain strain = new S3Strain();
    RetryStrategy retries = new S3Retries(options.maxRetries(), options.callTimeout(), strain);
    Duration timeout = options.requestTimeout();
    UploadHttpClient uploads = new UploadHttpClient(timeout, timeout, strain);
    S3Client asking = asking(options, credentials, retries, timeout);
    S3Client waiting = asking(options, credentials, retries, LONGEST_SILENCE);
    S3Client sending =
        common(options, credentials)
            .httpClient(uploads)
            .putAuthScheme(new UnsignedPayload())
            .overrideConfiguration(o -> o.retryStrategy(retries))
            .build();
    return new S3Clients(asking, waiting, sending, uploads, credentials, strain);
  }

  /** A client that takes a connection for dead after so long without a byte. */
  private static S3Client asking(
      S3Options options,
      AwsCredentialsProvider credentials,
      RetryStrategy retries,
      Duration silence) {
    Duration timeout = options.requestTimeout();
    return common(options, credentials)
        .httpClientBuilder(
            UrlConnectionHttpClient.builder().connectionTimeout(timeout).socketTimeout(silence))
        .overrideConfiguration(
            o ->
                o.apiCallAttemptTimeout(timeout)
                    .apiCallTimeout(options.callTimeout().plus(timeout))
                    .retryStrategy(retries))
        .build();
  }

  private static S3ClientBuilder common(S3Options options, AwsCredentialsProvider credentials) {
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(options.region()))
            .credentialsProvider(credentials)
            .forcePathStyle(options.usesPathStyle())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(c -> c.chunkedEncodingEnabled(false));
    options.endpoint().ifPresent(builder::endpointOverride);
    return builder;
  }

  @Override
  public void close() {
    sending.close();
    uploads.close();
    waiting.close();
    asking.close();
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
