package io.takhin.broker.server;

import io.takhin.broker.Closing;
import io.takhin.config.S3Config;
import io.takhin.config.S3Endpoint;
import io.takhin.config.S3ObjectsConfig;
import io.takhin.embedded.s3.EmbeddedS3Exception;
import io.takhin.embedded.s3.EmbeddedS3Options;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Keeping;
import io.takhin.tiered.store.s3.S3Keeping.Encryption;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3StorageClass;
import io.takhin.tiered.store.s3.S3Store;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/** The bucket as it is configured, and the embedded S3 server it lies in, if that is asked for. */
final class RemoteStore implements AutoCloseable {
  private final Optional<EmbeddedServer> embedded;
  private final ObjectStore objects;

  private RemoteStore(Optional<EmbeddedServer> embedded, ObjectStore objects) {
    this.embedded = embedded;
    this.objects = objects;
  }

  /** Starts the server, if any. A remote store need not answer. */
  static RemoteStore open(S3Config config) throws IOException {
    Closing opened = new Closing();
    try {
      Optional<EmbeddedServer> embedded = startEmbedded(config);
      embedded.ifPresent(opened::add);
      return new RemoteStore(embedded, new S3Store(s3Options(config, embedded)));
    } catch (IOException | RuntimeException e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private static Optional<EmbeddedServer> startEmbedded(S3Config config) throws IOException {
    if (config.endpoint() instanceof S3Endpoint.Embedded server) {
      EmbeddedS3Options options = EmbeddedS3Options.onFreePort(server.dir(), config.bucket());
      try {
        return Optional.of(EmbeddedServer.start(options.withPort(server.port())));
      } catch (EmbeddedS3Exception e) {
        throw new IOException(
            e.getMessage()
                + " (storage.tiered.s3.embedded.port: "
                + server.port()
                + ", storage.tiered.s3.embedded.dir: "
                + server.dir()
                + ")",
            e);
      }
    }
    return Optional.empty();
  }

  /** The embedded server asks for no credentials, but the client has to sign with something. */
  private static S3Options s3Options(S3Config s3, Optional<EmbeddedServer> embedded) {
    Optional<URI> endpoint =
        s3.endpoint() instanceof S3Endpoint.Server server
            ? Optional.of(server.uri())
            : embedded.map(EmbeddedServer::endpoint);
    return new S3Options(
            s3.bucket(),
            s3.region(),
            endpoint,
            Optional.of(s3.pathStyle()),
            s3.requestTimeout(),
            s3.maxRetries(),
            embedded.map(server -> new S3Options.StaticKeys("embedded", "embedded")))
        .withKeeping(keeping(s3.objects()));
  }

  static S3Keeping keeping(S3ObjectsConfig objects) {
    Optional<Encryption> encryption =
        switch (objects.encryption()) {
          case BUCKET -> Optional.empty();
          case S3 -> Optional.of(new Encryption.WithStoreKey());
          case KMS -> Optional.of(new Encryption.WithKmsKey(objects.kmsKeyId()));
        };
    return new S3Keeping(
        objects.storageClass().map(found -> S3StorageClass.valueOf(found.name())), encryption);
  }

  ObjectStore objects() {
    return objects;
  }

  @Override
  public void close() {
    objects.close();
    embedded.ifPresent(EmbeddedServer::close);
  }
}
