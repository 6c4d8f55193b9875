package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The blocking client of the AWS SDK with its defaults: one request a file. */
final class SdkContender implements Contender {
  private static final String APACHE = "S3Client on Apache";
  private static final String URL_CONNECTION = "S3Client on URLConnection";
  static final List<String> NAMES = List.of(APACHE, URL_CONNECTION);

  private final S3Client client;
  private final String bucket;

  SdkContender(String name, URI endpoint, String bucket, String region) {
    this.bucket = bucket;
    this.client =
        S3Client.builder()
            .endpointOverride(endpoint)
            .region(Region.of(region))
            .forcePathStyle(true)
            .httpClient(http(name))
            .build();
  }

  private static SdkHttpClient http(String name) {
    return switch (name) {
      case APACHE -> Apache5HttpClient.create();
      case URL_CONNECTION -> UrlConnectionHttpClient.create();
      default -> throw new IllegalArgumentException("no such contender: " + name);
    };
  }

  @Override
  public void upload(List<Item> items) throws IOException {
    Together.run(
        items,
        item -> {
          try {
            client.putObject(
                r -> r.bucket(bucket).key(item.key()), RequestBody.fromFile(item.file()));
          } catch (SdkException e) {
            throw new IOException("cannot upload: key=" + item.key(), e);
          }
        });
  }

  @Override
  public void download(List<Item> items) throws IOException {
    Together.run(
        items,
        item -> {
          try {
            client.getObject(
                r -> r.bucket(bucket).key(item.key()), ResponseTransformer.toFile(item.file()));
          } catch (SdkException e) {
            throw new IOException("cannot download: key=" + item.key(), e);
          }
        });
  }

  @Override
  public void close() {
    client.close();
  }
}
