package io.takhin.embedded.s3.server;

import static java.util.Map.entry;

import com.adobe.testing.s3mock.S3MockApplication;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Serves S3 until standard input ends.
 *
 * <p>The parent holds the other end of standard input and never writes to it. When the parent ends,
 * however it ends, the kernel closes the pipe, so this process cannot outlive it.
 *
 * <p>Arguments: directory, port (0 takes a free one), bucket. Writes one line to standard output:
 * {@code ready <port>}, or {@code failed <reason>} and then exits with status 1.
 */
public final class ServerMain {
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
  private static final long LOCK_POLL_MILLIS = 50;

  private ServerMain() {}

  public static void main(String[] args) {
    // Standard output belongs to the parent; whatever else prints goes to the file behind stderr.
    PrintStream parent = System.out;
    System.setOut(System.err);
    Path dir = Path.of(args[0]);
    int port = Integer.parseInt(args[1]);
    // Watches from the first moment on, so that a parent that dies during the start is noticed too.
    Thread watch = new Thread(ServerMain::exitAtEndOfInput, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    try {
      FileChannel lock = lock(dir);
      ConfigurableApplicationContext server = start(dir, port, args[2]);
      parent.println("ready " + server.getEnvironment().getProperty("local.server.port"));
      watch.join();
      lock.close(); // Closed here, because a channel that nobody holds is collected, lock and all.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      e.printStackTrace();
      parent.println("failed " + reason(e, dir, port));
      parent.flush();
      Runtime.getRuntime().halt(1);
    }
  }

  private static ConfigurableApplicationContext start(Path dir, int port, String bucket)
      throws IOException {
    Path buckets = Files.createDirectories(dir.resolve("buckets"));
    Map<String, Object> properties =
        Map.ofEntries(
            entry("server.address", "127.0.0.1"),
            entry("server.port", port),
            // Of the connector that SingleConnector takes away; the setting has to be there.
            entry("http.port", 0),
            entry("com.adobe.testing.s3mock.store.root", buckets.toString()),
            entry("com.adobe.testing.s3mock.store.initial-buckets", bucket),
            entry("com.adobe.testing.s3mock.store.retain-files-on-exit", true),
            entry("logging.file.name", dir.resolve("server.log").toString()),
            entry("logging.level.root", "WARN"),
            entry("logging.threshold.console", "OFF"));
    return new SpringApplicationBuilder(
            S3MockApplication.class, SingleConnector.class, AbortKeepsObject.class)
        .properties(properties)
        .bannerMode(Banner.Mode.OFF)
        .run();
  }

  /**
   * Two servers would corrupt each other's files. The lock is waited for, because a server whose
   * parent was killed needs a moment to notice and end while the next one starts already.
   */
  private static FileChannel lock(Path dir) throws IOException {
    Path file = dir.resolve("server.lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    long deadlineNanos = System.nanoTime() + LOCK_PATIENCE.toNanos();
    FileLock lock = channel.tryLock();
    while (lock == null) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new IOException(
            "another server uses "
                + dir
                + ": its lock "
                + file
                + " is held; stop that process or choose another directory");
      }
      pause();
      lock = channel.tryLock();
    }
    return channel;
  }

  private static void pause() {
    try {
      Thread.sleep(LOCK_POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the directory's lock", e);
    }
  }

  private static String reason(Exception failure, Path dir, int port) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof BindException
          || t.getClass().getName().endsWith(".PortInUseException")
          || String.valueOf(t.getMessage()).contains("Address already in use")) {
        return "port " + port + " of 127.0.0.1 is in use; choose another, or 0 for a free one";
      }
    }
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return oneLine(root + "; see " + dir.resolve("server.log"));
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private static void exitAtEndOfInput() {
    InputStream parent = System.in;
    try {
      while (parent.read() >= 0) {
        // Nothing is ever sent; only the end matters.
      }
    } catch (IOException e) {
      // A broken pipe means the same as its end: the parent is gone.
    }
    // Every request's files are on disk when it is answered, so a stop that hangs may be cut off.
    Thread cutOff = new Thread(ServerMain::haltAfterPatience, "cut-off");
    cutOff.setDaemon(true);
    cutOff.start();
    System.exit(0);
  }

  private static void haltAfterPatience() {
    try {
      Thread.sleep(STOP_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      // Nobody interrupts this thread; if somebody did, ending now would be what is left to do.
    }
    Runtime.getRuntime().halt(0);
  }
}
