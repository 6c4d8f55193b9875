package io.takhin.benchmarks.kafka.plain;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.server.log.remote.storage.LogSegmentData;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteResourceNotFoundException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A remote storage manager as plain as can be: an object for each file, sent with one request, and
 * a request from the position on for each fetch. It signs nothing and computes no checksum, which
 * costs less than any real one does.
 *
 * <p>Settings: {@code endpoint} and {@code bucket}. Any thread after {@link #configure}.
 */
public final class WholeObjects implements RemoteStorageManager {
  private static final String LOG = "log";

  private volatile Optional<S3Client> client = Optional.empty();
  private volatile String bucket = "";

  /** For the broker. */
  public WholeObjects() {}

  @Override
  public void configure(Map<String, ?> configs) {
    bucket = String.valueOf(configs.get("bucket"));
    client =
        Optional.of(
            S3Client.builder()
                .endpointOverride(URI.create(String.valueOf(configs.get("endpoint"))))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClient(Apache5HttpClient.create())
                .build());
  }

  private S3Client s3() {
    return client.orElseThrow(() -> new IllegalStateException("not configured yet"));
  }

  private static String key(RemoteLogSegmentMetadata segment, String kind) {
    return "plain/"
        + segment.topicIdPartition().topicPartition()
        + "/"
        + segment.remoteLogSegmentId().id()
        + "."
        + kind;
  }

  private static String kind(IndexType type) {
    return type.name();
  }

  @Override
  public Optional<CustomMetadata> copyLogSegmentData(
      RemoteLogSegmentMetadata segment, LogSegmentData data) throws RemoteStorageException {
    try {
      put(segment, LOG, data.logSegment());
      put(segment, kind(IndexType.OFFSET), data.offsetIndex());
      put(segment, kind(IndexType.TIMESTAMP), data.timeIndex());
      put(segment, kind(IndexType.PRODUCER_SNAPSHOT), data.producerSnapshotIndex());
      data.transactionIndex().ifPresent(file -> put(segment, kind(IndexType.TRANSACTION), file));
      ByteBuffer epochs = data.leaderEpochIndex().duplicate();
      put(segment, kind(IndexType.LEADER_EPOCH), RequestBody.fromByteBuffer(epochs));
      return Optional.empty();
    } catch (SdkException e) {
      throw new RemoteStorageException("cannot copy " + segment.remoteLogSegmentId(), e);
    }
  }

  private void put(RemoteLogSegmentMetadata segment, String kind, Path file) {
    put(segment, kind, RequestBody.fromFile(file));
  }

  private void put(RemoteLogSegmentMetadata segment, String kind, RequestBody body) {
    s3().putObject(r -> r.bucket(bucket).key(key(segment, kind)), body);
  }

  @Override
  public InputStream fetchLogSegment(RemoteLogSegmentMetadata segment, int startPosition)
      throws RemoteStorageException {
    return get(segment, LOG, "bytes=" + startPosition + "-");
  }

  @Override
  public InputStream fetchLogSegment(
      RemoteLogSegmentMetadata segment, int startPosition, int endPosition)
      throws RemoteStorageException {
    return get(segment, LOG, "bytes=" + startPosition + "-" + endPosition);
  }

  @Override
  public InputStream fetchIndex(RemoteLogSegmentMetadata segment, IndexType type)
      throws RemoteStorageException {
    return get(segment, kind(type), "bytes=0-");
  }

  private InputStream get(RemoteLogSegmentMetadata segment, String kind, String range)
      throws RemoteStorageException {
    try {
      return new Aborting(
          s3().getObject(r -> r.bucket(bucket).key(key(segment, kind)).range(range)));
    } catch (NoSuchKeyException e) {
      throw new RemoteResourceNotFoundException(e);
    } catch (S3Exception e) {
      if (e.statusCode() == 416) {
        return InputStream.nullInputStream(); // An empty file has no range.
      }
      throw new RemoteStorageException("cannot fetch " + segment.remoteLogSegmentId(), e);
    } catch (SdkException e) {
      throw new RemoteStorageException("cannot fetch " + segment.remoteLogSegmentId(), e);
    }
  }

  /** Brokers close a stream long before its end; what is left is not to be read for that. */
  private static final class Aborting extends FilterInputStream {
    private final ResponseInputStream<GetObjectResponse> response;
    private long leftBytes;

    Aborting(ResponseInputStream<GetObjectResponse> response) {
      super(response);
      this.response = response;
      this.leftBytes = response.response().contentLength();
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      leftBytes -= read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      leftBytes -= Math.max(0, read);
      return read;
    }

    @Override
    public void close() throws IOException {
      if (leftBytes > 0) {
        response.abort();
      } else {
        super.close();
      }
    }
  }

  @Override
  public void deleteLogSegmentData(RemoteLogSegmentMetadata segment) throws RemoteStorageException {
    try {
      delete(segment, LOG);
      for (IndexType type : IndexType.values()) {
        delete(segment, kind(type));
      }
    } catch (SdkException e) {
      throw new RemoteStorageException("cannot delete " + segment.remoteLogSegmentId(), e);
    }
  }

  private void delete(RemoteLogSegmentMetadata segment, String kind) {
    s3().deleteObject(r -> r.bucket(bucket).key(key(segment, kind)));
  }

  @Override
  public void close() {
    client.ifPresent(S3Client::close);
  }
}
