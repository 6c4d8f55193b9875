package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** One request at a time, from any thread: waits no longer than allowed, and sorts failures. */
final class S3Calls implements AutoCloseable {
  private static final long SLOWEST_WORK_BYTES_PER_SECOND = 20L << 20;

  private final S3Clients clients;
  private final S3Errors errors;
  private final S3Options options;
  private volatile boolean closed;

  S3Calls(S3Options options, S3Errors errors) {
    this.clients = S3Clients.build(options);
    this.errors = errors;
    this.options = options;
  }

  /** A request without a body of any size; retries and timeouts are the client's. */
  <T> T ask(String operation, String key, Function<S3Client, T> request) throws StoreException {
    return call(operation, key, () -> request.apply(clients.asking()));
  }

  /**
   * A request that the store answers when it has worked on bytes it has, by copying or joining
   * them. It may take as long as that takes a slow store.
   *
   * @param workBytes how many
   */
  <T> T await(
      String operation,
      String key,
      long workBytes,
      BiFunction<S3Client, AwsRequestOverrideConfiguration, T> request)
      throws StoreException {
    Duration work = Duration.ofSeconds(workBytes / SLOWEST_WORK_BYTES_PER_SECOND);
    Duration attempt = options.requestTimeout().plus(work);
    AwsRequestOverrideConfiguration patience =
        AwsRequestOverrideConfiguration.builder()
            .apiCallAttemptTimeout(attempt)
            .apiCallTimeout(attempt.multipliedBy(options.maxRetries() + 2L))
            .build();
    return call(operation, key, () -> request.apply(clients.waiting(), patience));
  }

  /**
   * A request that sends a body; it may take as long as the body moves.
   *
   * <p>If it is given up, the client may still hold the body for a moment while the caller fills it
   * anew. That cannot create a wrong object: the checksum that went ahead would not agree.
   */
  <T> T send(
      String operation, String key, ByteBuffer body, BiFunction<S3Client, RequestBody, T> request)
      throws StoreException {
    RequestBody streamed =
        RequestBody.fromContentProvider(
            () -> new BufferStream(body.duplicate()), body.remaining(), "application/octet-stream");
    return clients
        .uploads()
        .with(body, () -> call(operation, key, () -> request.apply(clients.sending(), streamed)));
  }

  /** A body broke off, and is read on by another request. */
  void bodyBroke(boolean stalled) {
    clients.strain().retries.increment();
    if (stalled) {
      clients.strain().stalls.increment();
    }
  }

  /** What the clients overcame so far. */
  StoreStrain strain() {
    return clients.strain().soFar();
  }

  private <T> T call(String operation, String key, Supplier<T> request) throws StoreException {
    requireUsable(operation, key);
    try {
      return request.get();
    } catch (AbortedException e) {
      throw interrupted(operation, key, e);
    } catch (SdkException | IllegalStateException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(operation, key, e);
      }
      throw failed(operation, key, e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      clients.close();
    }
  }

  private StoreException failed(String operation, String key, Throwable failure) {
    return closed
        ? new StoreException.Unavailable(
            errors.message(operation, key) + ": the store is closed", failure)
        : errors.map(operation, key, failure);
  }

  private StoreException interrupted(String operation, String key, Exception cause) {
    Thread.currentThread().interrupt();
    return new StoreException.Unavailable(
        errors.message(operation, key) + ": interrupted while waiting for the store", cause);
  }

  private void requireUsable(String operation, String key) throws StoreException {
    if (closed) {
      throw new StoreException.Unavailable(
          errors.message(operation, key) + ": the store is closed", null);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new StoreException.Unavailable(errors.message(operation, key) + ": interrupted", null);
    }
  }
}
