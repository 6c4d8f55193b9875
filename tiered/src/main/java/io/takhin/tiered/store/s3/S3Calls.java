package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.StoreException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;

/** One request at a time, from any thread: waits no longer than allowed, and sorts failures. */
final class S3Calls implements AutoCloseable {
  private final S3Clients clients;
  private final S3Errors errors;
  private final Duration callTimeout;
  private volatile boolean closed;

  S3Calls(S3Options options, S3Errors errors) {
    this.clients = S3Clients.build(options);
    this.errors = errors;
    this.callTimeout = options.callTimeout();
  }

  /** A request without a body of any size; retries and timeouts are the client's. */
  <T> T ask(String operation, String key, Function<S3Client, T> request) throws StoreException {
    requireUsable(operation, key);
    try {
      return request.apply(clients.blocking());
    } catch (AbortedException e) {
      throw interrupted(operation, key, e);
    } catch (SdkException | IllegalStateException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(operation, key, e);
      }
      throw failed(operation, key, e);
    }
  }

  /**
   * A request that sends a body.
   *
   * <p>If it is given up, the client may still hold the body for a moment while the caller fills it
   * anew. That cannot create a wrong object: the checksum that went ahead would not agree.
   */
  <T> T send(String operation, String key, Function<S3AsyncClient, CompletableFuture<T>> request)
      throws StoreException {
    requireUsable(operation, key);
    CompletableFuture<T> answer = null;
    try {
      answer = request.apply(clients.uploading());
      return answer.get(callTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted(operation, key, e);
    } catch (TimeoutException e) {
      throw new StoreException.Unavailable(
          errors.message(operation, key)
              + ": no answer within "
              + callTimeout.toMillis()
              + " ms; the store or the network is slow or hangs",
          e);
    } catch (ExecutionException e) {
      throw failed(operation, key, e.getCause() == null ? e : e.getCause());
    } catch (SdkException | IllegalStateException e) {
      throw failed(operation, key, e);
    } finally {
      if (answer != null) {
        answer.cancel(true); // Does nothing to an answer that is there.
      }
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
