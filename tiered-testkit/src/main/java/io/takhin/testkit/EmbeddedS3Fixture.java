package io.takhin.testkit;

import io.takhin.embedded.s3.EmbeddedS3;
import io.takhin.embedded.s3.EmbeddedS3Options;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * One embedded S3 server for all the tests of a JVM: it takes seconds to start, and tests keep
 * apart by {@link #freshPrefix()}. Started when first asked for, ended with the JVM, its files
 * removed. A test that kills its server starts one of its own instead.
 */
public final class EmbeddedS3Fixture {
  private static final String BUCKET = "takhin-test";

  /** Given to the test that runs now. */
  private static final Queue<String> PREFIXES = new ConcurrentLinkedQueue<>();

  private final EmbeddedS3 server;

  private EmbeddedS3Fixture(EmbeddedS3 server) {
    this.server = server;
  }

  /**
   * The server, which answers by the time this returns.
   *
   * @throws ExceptionInInitializerError if it does not start
   */
  public static EmbeddedS3Fixture shared() {
    return Holder.SHARED;
  }

  public URI endpoint() {
    return server.endpoint();
  }

  /** A bucket that exists. */
  public String bucket() {
    return server.bucket();
  }

  /**
   * A key prefix that no other test uses, ending with a slash. What lies below it is looked at when
   * the test has ended, see {@link NoOrphans}.
   *
   * @throws IllegalStateException if nobody would look
   */
  public String freshPrefix() {
    if (!NoOrphans.isActive()) {
      throw new IllegalStateException(
          "nobody looks for orphans: expected junit.jupiter.extensions.autodetection.enabled=true"
              + " in junit-platform.properties, or NoOrphans registered as an extension");
    }
    String prefix = "test/" + UUID.randomUUID() + "/";
    PREFIXES.add(prefix);
    return prefix;
  }

  /** Those that were given out since the last call. */
  static List<String> takePrefixes() {
    List<String> taken = new ArrayList<>();
    for (String prefix; (prefix = PREFIXES.poll()) != null; ) {
      taken.add(prefix);
    }
    return taken;
  }

  /** The bucket, without anything between. */
  ObjectStore open() {
    return new S3Store(
        S3Options.at(endpoint(), bucket(), "us-east-1")
            .withKeys(new S3Options.StaticKeys("test", "test")));
  }

  private static EmbeddedS3Fixture start() {
    try {
      Path directory = Files.createTempDirectory("takhin-embedded-s3");
      EmbeddedS3 server = EmbeddedS3.start(EmbeddedS3Options.onFreePort(directory, BUCKET));
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    server.close();
                    remove(directory);
                  },
                  "embedded-s3-stop"));
      return new EmbeddedS3Fixture(server);
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded S3 server did not start", e);
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      // The JVM is ending; the files lie in the system's temporary directory and go with it.
    }
  }

  /** Starts the server when the class is first used, once. */
  private static final class Holder {
    static final EmbeddedS3Fixture SHARED = start();
  }
}
