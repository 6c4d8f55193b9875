package io.takhin.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.utility.DockerImageName;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The S3 adapter on a server that checks signatures; skipped where no Docker engine runs. */
final class MinioStoreIT extends ObjectStoreContract {
  /** The same as in deploy/compose.yaml. */
  private static final String IMAGE = "pgsty/minio:RELEASE.2026-08-04T00-00-00Z";

  private static final String BUCKET = "takhin-test";
  private static final String REGION = "us-east-1";

  private static @Nullable MinIOContainer minio;

  @BeforeAll
  static void startMinio() {
    assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(),
        "no Docker engine answers, so MinIO cannot be started");
    MinIOContainer container =
        new MinIOContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("minio/minio"));
    container.start();
    minio = container;
    try (S3Client client =
        S3Client.builder()
            .endpointOverride(URI.create(container.getS3URL()))
            .region(Region.of(REGION))
            .forcePathStyle(true)
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(container.getUserName(), container.getPassword())))
            .build()) {
      client.createBucket(bucket -> bucket.bucket(BUCKET));
    }
  }

  @AfterAll
  static void stopMinio() {
    if (minio != null) {
      minio.stop();
    }
  }

  @Override
  protected ObjectStore openStore() {
    MinIOContainer server = Objects.requireNonNull(minio, "started before the first test");
    return new S3Store(
        S3Options.at(URI.create(server.getS3URL()), BUCKET, REGION)
            .withKeys(new S3Options.StaticKeys(server.getUserName(), server.getPassword())));
  }
}
