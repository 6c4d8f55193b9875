package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Ranged reads, from the socket to a channel through one buffer.
 *
 * <p>The answer's own account of the range is checked before its first byte is passed on. A server
 * that sends, but hardly, is given up: after the request's timeout plus what the range would take
 * at {@link #MIN_BYTES_PER_SECOND}, counting the time spent waiting for the server only.
 */
final class S3Reader {
  static final long MIN_BYTES_PER_SECOND = 64 * 1024;
  private static final int BUFFER_BYTES = 128 * 1024;

  private final String bucket;
  private final S3Calls calls;
  private final S3Errors errors;
  private final Duration requestTimeout;

  S3Reader(String bucket, S3Calls calls, S3Errors errors, Duration requestTimeout) {
    this.bucket = bucket;
    this.calls = calls;
    this.errors = errors;
    this.requestTimeout = requestTimeout;
  }

  /**
   * @param lengthBytes 1 or more
   */
  void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(bucket)
            .key(key.value())
            .range("bytes=" + startBytes + "-" + (startBytes + lengthBytes - 1))
            .ifMatch(ifMatch)
            .build();
    ResponseInputStream<GetObjectResponse> body =
        calls.ask("read", key.value(), s3 -> s3.getObject(request));
    boolean whole = false;
    try {
      requireRange(key, startBytes, lengthBytes, body.response());
      copy(key, lengthBytes, body, target);
      whole = true;
    } finally {
      if (whole) {
        closeDrained(body);
      } else {
        body.abort(); // Closing would read the rest first, and keep the connection.
      }
    }
  }

  private void copy(
      ObjectKey key,
      long lengthBytes,
      ResponseInputStream<GetObjectResponse> body,
      WritableByteChannel target)
      throws StoreException, TargetException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(lengthBytes, BUFFER_BYTES));
    long patienceNanos = requestTimeout.plusSeconds(lengthBytes / MIN_BYTES_PER_SECOND).toNanos();
    long waitedNanos = 0;
    long copiedBytes = 0;
    while (copiedBytes < lengthBytes) {
      long beganNanos = System.nanoTime();
      int read = readSome(key, lengthBytes, copiedBytes, body, buffer.array());
      waitedNanos += System.nanoTime() - beganNanos;
      if (waitedNanos > patienceNanos) {
        throw new StoreException.Unavailable(
            message(key, lengthBytes, copiedBytes) + ": the store sends too slowly", null);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new StoreException.Unavailable(
            message(key, lengthBytes, copiedBytes) + ": interrupted", null);
      }
      buffer.clear().limit(read);
      write(key, buffer, target);
      copiedBytes += read;
    }
  }

  private int readSome(
      ObjectKey key,
      long lengthBytes,
      long copiedBytes,
      ResponseInputStream<GetObjectResponse> body,
      byte[] buffer)
      throws StoreException {
    int read;
    try {
      read = body.read(buffer, 0, (int) Math.min(buffer.length, lengthBytes - copiedBytes));
    } catch (IOException | SdkException e) {
      throw new StoreException.Unavailable(
          message(key, lengthBytes, copiedBytes) + ": the connection failed: " + e, e);
    }
    if (read < 0) {
      throw new StoreException.Corrupt(
          message(key, lengthBytes, copiedBytes) + ": the body ended early", null);
    }
    return read;
  }

  private static void write(ObjectKey key, ByteBuffer buffer, WritableByteChannel target)
      throws TargetException {
    try {
      while (buffer.hasRemaining()) {
        target.write(buffer);
      }
    } catch (IOException e) {
      throw new TargetException("cannot write what was read: key=" + key + ": " + e, e);
    }
  }

  private void requireRange(
      ObjectKey key, long startBytes, long lengthBytes, GetObjectResponse answer)
      throws StoreException {
    String expected =
        String.format(Locale.ROOT, "bytes %d-%d/", startBytes, startBytes + lengthBytes - 1);
    String got = answer.contentRange();
    boolean rangeAgrees = got != null && got.startsWith(expected);
    if (!rangeAgrees || answer.contentLength() != lengthBytes) {
      throw new StoreException.Corrupt(
          errors.message("read", key.value())
              + ": wrong range: expected="
              + expected
              + "* length="
              + lengthBytes
              + " got="
              + got
              + " length="
              + answer.contentLength(),
          null);
    }
  }

  private static void closeDrained(ResponseInputStream<GetObjectResponse> body) {
    try {
      body.close();
    } catch (IOException e) {
      // Every byte of the range has arrived and is written; only the connection is not reused.
      body.abort();
    }
  }

  private String message(ObjectKey key, long lengthBytes, long copiedBytes) {
    return errors.message("read", key.value())
        + ": expected "
        + lengthBytes
        + " bytes, got "
        + copiedBytes;
  }
}
