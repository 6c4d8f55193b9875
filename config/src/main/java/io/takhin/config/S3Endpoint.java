package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;

/** Which S3 server holds the archived segments. */
public sealed interface S3Endpoint {

  /** AWS itself; the region alone decides the address. */
  record Aws() implements S3Endpoint {}

  /**
   * A server that the broker starts and stops with itself, on 127.0.0.1.
   *
   * @param dir folder of its objects
   * @param port port it listens on; 0 takes a free one
   */
  record Embedded(Path dir, int port) implements S3Endpoint {

    static final String WORD = "embedded";

    public Embedded {
      requireNonNull(dir, "dir");
    }
  }

  /**
   * Any other server that speaks the S3 protocol, such as MinIO.
   *
   * @param uri http or https, host and optional port, without user information, path or query
   */
  record Server(URI uri) implements S3Endpoint {

    public Server {
      requireNonNull(uri, "uri");
    }
  }
}
