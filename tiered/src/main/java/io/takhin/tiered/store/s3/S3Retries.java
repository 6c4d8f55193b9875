package io.takhin.tiered.store.s3;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.core.retry.RetryUtils;
import software.amazon.awssdk.retries.AdaptiveRetryStrategy;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.AcquireInitialTokenResponse;
import software.amazon.awssdk.retries.api.RecordSuccessRequest;
import software.amazon.awssdk.retries.api.RecordSuccessResponse;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenResponse;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.retries.api.RetryToken;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;

/**
 * How often a request is tried, and how fast all of them together. Around the SDK's adaptive
 * strategy, which keeps a budget of retries, so that a store that is down is not stormed, and which
 * lowers the rate of all requests when the store says to slow down and raises it again afterwards.
 *
 * <p>Added here: a request that is told to slow down is tried for longer than one that fails, since
 * the store is there and will take it in the end; and the retries are counted.
 */
final class S3Retries implements RetryStrategy {
  /** Never reached: with pauses of up to 20 s, patience ends first. */
  private static final int MAX_ATTEMPTS = 1000;

  private static final int SERVICE_UNAVAILABLE = 503;

  private final AdaptiveRetryStrategy strategy;
  private final int maxRetries;
  private final Duration patience;
  private final S3Strain strain;

  /**
   * @param maxRetries for other reasons than throttling
   * @param patience after which a throttled request fails as well
   * @param strain where the retries are counted
   */
  S3Retries(int maxRetries, Duration patience, S3Strain strain) {
    this.strategy =
        AwsRetryStrategy.adaptiveRetryStrategy().toBuilder()
            .maxAttempts(MAX_ATTEMPTS)
            .treatAsThrottling(S3Retries::saysSlowDown)
            .build();
    this.maxRetries = maxRetries;
    this.patience = patience;
    this.strain = strain;
  }

  /**
   * The strategy's token, with what this class knows of the request.
   *
   * @param failures attempts that failed for other reasons than throttling
   */
  private record Counted(RetryToken token, int failures, long beganNanos) implements RetryToken {
    Counted with(RetryToken next) {
      return new Counted(next, failures, beganNanos);
    }
  }

  /** A 503 is how S3 throttles, with or without a body that says so. */
  private static boolean saysSlowDown(Throwable failure) {
    return (failure instanceof SdkException known && RetryUtils.isThrottlingException(known))
        || (failure instanceof SdkServiceException answer
            && answer.statusCode() == SERVICE_UNAVAILABLE);
  }

  @Override
  public AcquireInitialTokenResponse acquireInitialToken(AcquireInitialTokenRequest request) {
    AcquireInitialTokenResponse answer = strategy.acquireInitialToken(request);
    return AcquireInitialTokenResponse.create(
        new Counted(answer.token(), 0, System.nanoTime()), answer.delay());
  }

  @Override
  public RefreshRetryTokenResponse refreshRetryToken(RefreshRetryTokenRequest request) {
    Counted counted = (Counted) request.token();
    boolean slowDown = saysSlowDown(request.failure());
    int failures = slowDown ? counted.failures() : counted.failures() + 1;
    if (failures > maxRetries) {
      throw noFurther(counted, request);
    }
    RefreshRetryTokenResponse answer =
        strategy.refreshRetryToken(request.toBuilder().token(counted.token()).build());
    long beganAgoNanos = System.nanoTime() - counted.beganNanos();
    if (slowDown && answer.delay().plusNanos(beganAgoNanos).compareTo(patience) > 0) {
      throw noFurther(counted, request);
    }
    strain.retries.increment();
    if (slowDown) {
      strain.throttled.increment();
    }
    return RefreshRetryTokenResponse.create(
        new Counted(answer.token(), failures, counted.beganNanos()), answer.delay());
  }

  private static TokenAcquisitionFailedException noFurther(
      Counted counted, RefreshRetryTokenRequest request) {
    return new TokenAcquisitionFailedException(
        "no further attempt", counted.token(), request.failure());
  }

  @Override
  public RecordSuccessResponse recordSuccess(RecordSuccessRequest request) {
    Counted counted = (Counted) request.token();
    RecordSuccessResponse answer =
        strategy.recordSuccess(RecordSuccessRequest.create(counted.token()));
    return RecordSuccessResponse.create(counted.with(answer.token()));
  }

  @Override
  public int maxAttempts() {
    return strategy.maxAttempts();
  }

  /** The SDK would rebuild the strategy with its defaults, and so lose this class around it. */
  @Override
  public boolean useClientDefaults() {
    return false;
  }

  @Override
  public Builder<?, ?> toBuilder() {
    return strategy.toBuilder();
  }
}
