package io.takhin.embedded.s3;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A running S3 server in a child process of this one.
 *
 * <p>It needs no credentials and takes any; clients use path style. It ends with {@link #close}, or
 * when this process ends in whatever way: the child watches the pipe from its parent.
 *
 * <p>Safe for use by several threads.
 */
public final class EmbeddedS3 implements AutoCloseable {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private final Process server;
  private final EmbeddedS3Options options;
  private final URI endpoint;

  private EmbeddedS3(Process server, EmbeddedS3Options options, URI endpoint) {
    this.server = server;
    this.options = options;
    this.endpoint = endpoint;
  }

  /**
   * Starts a server and returns when it answers and the bucket exists.
   *
   * @throws EmbeddedS3Exception if the directory cannot be used or is in use, the port is taken,
   *     the server's jars are not found, or it does not answer in time; no process is left behind
   */
  public static EmbeddedS3 start(EmbeddedS3Options options) throws EmbeddedS3Exception {
    Path libraries = ServerLibraries.locate();
    try {
      Files.createDirectories(options.dir());
    } catch (IOException e) {
      throw new EmbeddedS3Exception("cannot create " + options.dir() + ": " + e, e);
    }
    ServerLogs logs = new ServerLogs(options.dir());
    Process server = launch(libraries, options, logs);
    try {
      URI endpoint = awaitReady(server, options, logs);
      return new EmbeddedS3(server, options, endpoint);
    } catch (EmbeddedS3Exception | RuntimeException e) {
      stop(server);
      throw e;
    }
  }

  /** Where clients connect, such as {@code http://127.0.0.1:9000}; the bucket is not part of it. */
  public URI endpoint() {
    return endpoint;
  }

  /** The bucket that was asked for. */
  public String bucket() {
    return options.bucket();
  }

  /** Whether the server process runs. */
  public boolean isAlive() {
    return server.isAlive();
  }

  /** The server's process id, for operators and for tests that kill it. */
  public long pid() {
    return server.pid();
  }

  /** Ends the server and waits until it has ended. Its files stay. Closing again does nothing. */
  @Override
  public void close() {
    stop(server);
  }

  @Override
  public String toString() {
    return "embedded S3 at " + endpoint + " in " + options.dir() + " (pid " + server.pid() + ")";
  }

  private static Process launch(Path libraries, EmbeddedS3Options options, ServerLogs logs)
      throws EmbeddedS3Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // A short-lived helper: quick to start and small matter more than peak speed.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xss512k",
            "-Xmx" + options.maxHeapMiB() + "m",
            "-XX:MaxMetaspaceSize=128m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "-Dspring.main.lazy-initialization=true",
            "-cp",
            libraries + File.separator + "*",
            "io.takhin.embedded.s3.server.ServerMain",
            options.dir().toString(),
            Integer.toString(options.port()),
            options.bucket());
    try {
      return new ProcessBuilder(command)
          .directory(options.dir().toFile())
          .redirectError(logs.standardError().toFile())
          .start();
    } catch (IOException e) {
      throw new EmbeddedS3Exception(
          "cannot start the embedded S3 server in " + options.dir() + ": " + e.getMessage(), e);
    }
  }

  private static URI awaitReady(Process server, EmbeddedS3Options options, ServerLogs logs)
      throws EmbeddedS3Exception {
    CompletableFuture<@Nullable String> firstLine = new CompletableFuture<>();
    Thread reader = new Thread(() -> readFirstLine(server, firstLine), "embedded-s3-start");
    reader.setDaemon(true);
    reader.start();
    String line;
    try {
      line = firstLine.get(options.startTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new EmbeddedS3Exception(
          "the embedded S3 server did not answer within "
              + options.startTimeout().toMillis()
              + " ms"
              + logs.tail(),
          e);
    } catch (ExecutionException e) {
      throw new EmbeddedS3Exception("lost the embedded S3 server while it started", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedS3Exception("interrupted while the embedded S3 server started", e);
    }
    if (line != null && line.startsWith("ready ")) {
      URI endpoint =
          URI.create("http://127.0.0.1:" + Integer.parseInt(line.substring("ready ".length())));
      requireBucket(endpoint, options, logs);
      return endpoint;
    }
    if (line != null && line.startsWith("failed ")) {
      throw new EmbeddedS3Exception(
          "the embedded S3 server did not start: " + line.substring("failed ".length()), null);
    }
    throw new EmbeddedS3Exception(
        "the embedded S3 server ended while it started" + logs.tail(), null);
  }

  /** Asks once, so that the first user neither waits for what starts lazily nor finds no bucket. */
  private static void requireBucket(URI endpoint, EmbeddedS3Options options, ServerLogs logs)
      throws EmbeddedS3Exception {
    int timeoutMillis = (int) Math.min(options.startTimeout().toMillis(), Integer.MAX_VALUE);
    try {
      HttpURLConnection request =
          (HttpURLConnection) endpoint.resolve("/" + options.bucket()).toURL().openConnection();
      request.setRequestMethod("HEAD");
      request.setConnectTimeout(timeoutMillis);
      request.setReadTimeout(timeoutMillis);
      int status = request.getResponseCode();
      request.disconnect();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new EmbeddedS3Exception(
            "the embedded S3 server has no bucket '"
                + options.bucket()
                + "': expected status 200, got "
                + status
                + logs.tail(),
            null);
      }
    } catch (EmbeddedS3Exception e) {
      throw e;
    } catch (IOException e) {
      throw new EmbeddedS3Exception(
          "the embedded S3 server does not answer at " + endpoint + ": " + e + logs.tail(), e);
    }
  }

  private static void readFirstLine(Process server, CompletableFuture<@Nullable String> result) {
    // Not closed: the child may not lose its standard output while it runs.
    BufferedReader output =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII));
    try {
      result.complete(output.readLine());
    } catch (IOException e) {
      result.completeExceptionally(e);
    }
  }

  private static void stop(Process server) {
    try {
      server.getOutputStream().close(); // The child ends itself when its standard input does.
      if (!server.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        server.destroyForcibly().waitFor();
      }
    } catch (IOException e) {
      server.destroyForcibly();
      throw new UncheckedIOException(
          "cannot close the pipe to the embedded S3 server (pid " + server.pid() + "), killed it",
          e);
    } catch (InterruptedException e) {
      server.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
