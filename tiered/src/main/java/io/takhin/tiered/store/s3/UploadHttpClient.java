package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Carries the SDK's requests that have a body of some size, over the HTTP client of the JDK, which
 * writes a direct buffer to the socket as it is. The SDK signs, retries and reads the answers; it
 * knows bodies as streams only, so the buffer goes past it, by the calling thread.
 *
 * <p>A watchdog is built in: a request whose connection takes no byte for the length of the lease,
 * or hardly any for long, is cancelled together with its connection, and the SDK tries again on
 * another.
 */
final class UploadHttpClient implements SdkHttpClient {
  /** A body that moves, but slower than this over all, is given up: 64 KiB a second. */
  static final long MIN_BYTES_PER_SECOND = 64 << 10;

  /** The JDK's client sets these by itself, and refuses them from others. */
  private static final Set<String> SET_BY_CLIENT =
      Set.of("connection", "content-length", "expect", "host", "upgrade");

  /** What the calling thread sends at this moment; it sends one body at a time, to any store. */
  private static final ThreadLocal<@Nullable ByteBuffer> BODY = new ThreadLocal<>();

  private final ExecutorService executor;
  private final HttpClient client;
  private final Duration lease;
  private final S3Strain strain;

  /**
   * @param lease how long a connection may move nothing
   * @param strain where the requests that were given up for that are counted
   */
  UploadHttpClient(Duration connectTimeout, Duration lease, S3Strain strain) {
    AtomicInteger number = new AtomicInteger();
    this.executor =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "tiered-s3-http-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .executor(executor)
            .build();
    this.lease = lease;
    this.strain = strain;
  }

  /** What is done with a body at hand. */
  interface Sending<T> {
    T send() throws StoreException;
  }

  /** Runs a call of the SDK whose request has this body, on this thread. */
  <T> T with(ByteBuffer body, Sending<T> call) throws StoreException {
    BODY.set(body);
    try {
      return call.send();
    } finally {
      BODY.remove();
    }
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    ByteBuffer body = BODY.get();
    if (body == null) {
      throw new IllegalStateException("no body at hand: this client sends uploads only");
    }
    return new Exchange(request.httpRequest(), new BodySlices(body));
  }

  @Override
  public String clientName() {
    return "Jdk";
  }

  /** Requests under way fail. */
  @Override
  public void close() {
    executor.shutdownNow();
  }

  private final class Exchange implements ExecutableHttpRequest {
    private final HttpRequest request;
    private final BodySlices body;

    /** Set once by the calling thread, read by whoever aborts. */
    private volatile @Nullable CompletableFuture<HttpResponse<byte[]>> answer;

    Exchange(SdkHttpRequest from, BodySlices body) {
      HttpRequest.Builder to =
          HttpRequest.newBuilder(from.getUri()).method(from.method().name(), body);
      from.forEachHeader(
          (name, values) -> {
            if (!SET_BY_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
              values.forEach(value -> to.header(name, value));
            }
          });
      this.request = to.build();
      this.body = body;
    }

    @Override
    public HttpExecuteResponse call() throws IOException {
      CompletableFuture<HttpResponse<byte[]>> asked =
          client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
      answer = asked;
      try {
        return executed(await(asked));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        throw interrupted;
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      } finally {
        asked.cancel(true); // Closes the connection, unless the answer is there.
      }
    }

    private HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> asked)
        throws IOException, InterruptedException, ExecutionException {
      long beganNanos = System.nanoTime();
      long patienceNanos = lease.plusSeconds(body.contentLength() / MIN_BYTES_PER_SECOND).toNanos();
      while (true) {
        long now = System.nanoTime();
        long leaseNanos = lease.toNanos() - (now - body.movedNanos());
        long leftNanos = Math.min(leaseNanos, patienceNanos - (now - beganNanos));
        if (leftNanos <= 0) {
          strain.stalls.increment();
          throw new SocketTimeoutException(
              leaseNanos <= 0
                  ? "the connection stalled: no byte moved for " + lease.toMillis() + " ms"
                  : "the connection is too slow: "
                      + body.contentLength()
                      + " bytes not sent within "
                      + TimeUnit.NANOSECONDS.toMillis(patienceNanos)
                      + " ms");
        }
        try {
          return asked.get(leftNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          // The loop looks whether something moved meanwhile.
        }
      }
    }

    @Override
    public void abort() {
      CompletableFuture<HttpResponse<byte[]>> asked = answer;
      if (asked != null) {
        asked.cancel(true);
      }
    }
  }

  private static HttpExecuteResponse executed(HttpResponse<byte[]> answer) {
    return HttpExecuteResponse.builder()
        .response(
            SdkHttpResponse.builder()
                .statusCode(answer.statusCode())
                .headers(answer.headers().map())
                .build())
        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(answer.body())))
        .build();
  }
}
