package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Ranged reads, from the socket to a channel through one buffer.
 *
 * <p>The answer's own account of the range is checked before its first byte is passed on. A body
 * that breaks off, or moves nothing for the request's timeout, is taken up where it ended, on
 * another connection, as long as the object is the same; the SDK cannot do that, because bytes were
 * handed out already. A server that sends, but hardly, is given up: after the request's timeout
 * plus what the range would take at {@link #MIN_BYTES_PER_SECOND}, counting the time spent waiting
 * for the server only.
 */
final class S3Reader {
  static final long MIN_BYTES_PER_SECOND = 64 * 1024;
  private static final int BUFFER_BYTES = 128 * 1024;

  /** A range that takes more connections than this does not come through. */
  private static final int MAX_BREAKS = 16;

  private final String bucket;
  private final S3Calls calls;
  private final S3Errors errors;
  private final S3Options options;

  S3Reader(String bucket, S3Calls calls, S3Errors errors, S3Options options) {
    this.bucket = bucket;
    this.calls = calls;
    this.errors = errors;
    this.options = options;
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
    Reading reading = new Reading(key, startBytes, lengthBytes, ifMatch);
    int breaks = 0;
    int breaksInVain = 0;
    while (reading.copiedBytes < lengthBytes) {
      long before = reading.copiedBytes;
      try {
        readOn(reading, target);
      } catch (BrokenBody e) {
        breaksInVain = reading.copiedBytes > before ? 0 : breaksInVain + 1;
        boolean enough = ++breaks > MAX_BREAKS || breaksInVain > options.maxRetries();
        if (enough || Thread.currentThread().isInterrupted()) {
          throw e.failure();
        }
        calls.bodyBroke(e.stalled());
      }
    }
  }

  /** How far one read has come; used by its thread only. */
  private static final class Reading {
    final ObjectKey key;
    final long startBytes;
    final long lengthBytes;
    @Nullable String etag;
    long copiedBytes;
    long waitedNanos;

    Reading(ObjectKey key, long startBytes, long lengthBytes, @Nullable String etag) {
      this.key = key;
      this.startBytes = startBytes;
      this.lengthBytes = lengthBytes;
      this.etag = etag;
    }

    long fromBytes() {
      return startBytes + copiedBytes;
    }

    long remainingBytes() {
      return lengthBytes - copiedBytes;
    }
  }

  /** The connection ended or stalled within a body; the object may be read on from there. */
  private static final class BrokenBody extends Exception {
    private final StoreException failure;
    private final boolean stalled;

    BrokenBody(StoreException failure, boolean stalled) {
      super(failure);
      this.failure = failure;
      this.stalled = stalled;
    }

    StoreException failure() {
      return failure;
    }

    boolean stalled() {
      return stalled;
    }
  }

  private void readOn(Reading reading, WritableByteChannel target)
      throws StoreException, TargetException, BrokenBody {
    long fromBytes = reading.fromBytes();
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(bucket)
            .key(reading.key.value())
            .range("bytes=" + fromBytes + "-" + (fromBytes + reading.remainingBytes() - 1))
            .ifMatch(reading.etag)
            .build();
    ResponseInputStream<GetObjectResponse> body =
        calls.ask("read", reading.key.value(), s3 -> s3.getObject(request));
    boolean whole = false;
    try {
      requireRange(reading.key, fromBytes, reading.remainingBytes(), body.response());
      reading.etag = body.response().eTag();
      copy(reading, body, target);
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
      Reading reading, ResponseInputStream<GetObjectResponse> body, WritableByteChannel target)
      throws StoreException, TargetException, BrokenBody {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(reading.lengthBytes, BUFFER_BYTES));
    long patienceNanos =
        options.requestTimeout().plusSeconds(reading.lengthBytes / MIN_BYTES_PER_SECOND).toNanos();
    while (reading.copiedBytes < reading.lengthBytes) {
      long beganNanos = System.nanoTime();
      int read = readSome(reading, body, buffer.array());
      reading.waitedNanos += System.nanoTime() - beganNanos;
      if (reading.waitedNanos > patienceNanos) {
        throw new StoreException.Unavailable(
            message(reading) + ": the store sends too slowly", null);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new StoreException.Unavailable(message(reading) + ": interrupted", null);
      }
      buffer.clear().limit(read);
      write(reading.key, buffer, target);
      reading.copiedBytes += read;
    }
  }

  private int readSome(Reading reading, ResponseInputStream<GetObjectResponse> body, byte[] buffer)
      throws BrokenBody {
    int read;
    try {
      read = body.read(buffer, 0, (int) Math.min(buffer.length, reading.remainingBytes()));
    } catch (IOException | SdkException e) {
      throw new BrokenBody(
          new StoreException.Unavailable(message(reading) + ": the connection failed: " + e, e),
          e instanceof SocketTimeoutException);
    }
    if (read < 0) {
      throw new BrokenBody(
          new StoreException.Corrupt(message(reading) + ": the body ended early", null), false);
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

  private String message(Reading reading) {
    return errors.message("read", reading.key.value())
        + ": expected "
        + reading.lengthBytes
        + " bytes, got "
        + reading.copiedBytes;
  }
}
