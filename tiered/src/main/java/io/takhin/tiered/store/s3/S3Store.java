package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket of Amazon S3 or of a server that speaks its API.
 *
 * <p>Retries are the SDK's and nobody else's. What it cannot retry safely is looked up instead: a
 * conditional create carries an id, and after a refusal or an unknown outcome the id at the key
 * tells whether it was this writer that succeeded.
 *
 * <p>Making one connects to nothing, so a store that is down does not keep a broker from starting.
 */
public final class S3Store implements ObjectStore {
  private static final int MAX_PAGE = 1000;

  private final String bucket;
  private final S3Errors errors;
  private final S3Calls calls;
  private final S3Reader reader;
  private final S3Copies copies;
  private final S3Keeping keeping;

  /** Set by the first answer that shows the bucket; saves asking again at each absent object. */
  private volatile boolean bucketSeen;

  public S3Store(S3Options options) {
    this.bucket = options.bucket();
    this.keeping = options.keeping();
    this.errors = new S3Errors(description(options));
    this.calls = new S3Calls(options, errors);
    this.reader = new S3Reader(bucket, calls, errors, options);
    this.copies = new S3Copies(this, options, calls, errors);
  }

  @Override
  public String description() {
    return errors.store();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    if (!options.ifAbsent()) {
      return putOnce(key, body, checksum, options.contentType(), options.metadata(), false);
    }
    String creationId = UUID.randomUUID().toString();
    Map<String, String> metadata = new HashMap<>(options.metadata());
    metadata.put(S3Objects.CREATION_ID, creationId);
    try {
      return putOnce(key, body, checksum, options.contentType(), metadata, true);
    } catch (StoreException.PreconditionFailed | StoreException.Unavailable e) {
      return ownCreation(key, creationId, e);
    }
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    CreateMultipartUploadRequest.Builder request =
        CreateMultipartUploadRequest.builder()
            .bucket(bucket)
            .key(key.value())
            .contentType(options.contentType())
            .metadata(options.metadata())
            .checksumAlgorithm(ChecksumAlgorithm.CRC32_C)
            .checksumType(ChecksumType.FULL_OBJECT);
    keeping.apply(request);
    CreateMultipartUploadResponse created =
        calls.ask("start multipart", key.value(), s3 -> s3.createMultipartUpload(request.build()));
    bucketSeen = true;
    Instant initiated = S3Objects.date(created.sdkHttpResponse());
    PendingUpload upload = new PendingUpload(key, created.uploadId(), initiated.toEpochMilli());
    return new S3Multipart(this, bucket, calls, upload, options);
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return new S3Multipart(this, bucket, calls, upload, PutOptions.BINARY);
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    return headObject(key).map(head -> S3Objects.of(key, head));
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    ObjectStore.requireRange(key, startBytes, lengthBytes);
    if (lengthBytes == 0) {
      requireRangeStart(key, startBytes, ifMatch);
    } else {
      reader.read(key, startBytes, lengthBytes, ifMatch, target);
    }
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    try {
      calls.ask(
          S3Errors.DELETE,
          key.value(),
          s3 -> s3.deleteObject(r -> r.bucket(bucket).key(key.value())));
    } catch (StoreException.NotFound e) {
      // Some servers tell that there was nothing; the port counts that as removed.
      requireBucket(S3Errors.DELETE, key.value());
    }
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    return list(prefix, after, maxObjects, key -> {});
  }

  @Override
  public List<StoredObject> list(
      String prefix, @Nullable ObjectKey after, int maxObjects, Consumer<String> passedOver)
      throws StoreException {
    if (maxObjects < 1 || maxObjects > MAX_PAGE) {
      throw new IllegalArgumentException(
          "page size: expected=1.." + MAX_PAGE + " got=" + maxObjects);
    }
    List<StoredObject> page = new ArrayList<>();
    String startAfter = after == null ? null : after.value();
    boolean more = true;
    // Again, if others' objects took up part of the page: a short page means the end to callers.
    while (more && page.size() < maxObjects) {
      String from = startAfter;
      int wanted = maxObjects - page.size();
      ListObjectsV2Response answer =
          calls.ask(
              "list",
              prefix,
              s3 ->
                  s3.listObjectsV2(
                      r -> r.bucket(bucket).prefix(prefix).startAfter(from).maxKeys(wanted)));
      bucketSeen = true;
      for (S3Object object : answer.contents()) {
        S3Objects.key(object.key())
            .ifPresentOrElse(
                key -> page.add(S3Objects.listed(key, object)),
                () -> passedOver.accept(object.key()));
        startAfter = object.key();
      }
      more = Boolean.TRUE.equals(answer.isTruncated()) && !answer.contents().isEmpty();
    }
    return List.copyOf(page);
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    List<PendingUpload> uploads = new ArrayList<>();
    String keyMarker = null;
    String idMarker = null;
    boolean more = true;
    while (more) {
      String fromKey = keyMarker;
      String fromId = idMarker;
      ListMultipartUploadsResponse answer =
          calls.ask(
              "list uploads",
              prefix,
              s3 ->
                  s3.listMultipartUploads(
                      r ->
                          r.bucket(bucket)
                              .prefix(prefix)
                              .keyMarker(fromKey)
                              .uploadIdMarker(fromId)));
      bucketSeen = true;
      for (MultipartUpload upload : answer.uploads()) {
        S3Objects.key(upload.key())
            .ifPresent(
                key ->
                    uploads.add(
                        new PendingUpload(
                            key, upload.uploadId(), upload.initiated().toEpochMilli())));
      }
      keyMarker = answer.nextKeyMarker();
      idMarker = answer.nextUploadIdMarker();
      more = Boolean.TRUE.equals(answer.isTruncated()) && keyMarker != null;
    }
    return List.copyOf(uploads);
  }

  @Override
  public StoreStrain strain() {
    return calls.strain();
  }

  @Override
  public ObjectCopies copies() {
    return copies;
  }

  @Override
  public void close() {
    calls.close();
  }

  /** Absent only if the bucket is there: an answer to HEAD does not tell which of them is not. */
  private Optional<HeadObjectResponse> headObject(ObjectKey key) throws StoreException {
    try {
      HeadObjectResponse head =
          calls.ask(
              "head",
              key.value(),
              s3 ->
                  s3.headObject(
                      r -> r.bucket(bucket).key(key.value()).checksumMode(ChecksumMode.ENABLED)));
      bucketSeen = true;
      return Optional.of(head);
    } catch (StoreException.NotFound e) {
      requireBucket("head", key.value());
      return Optional.empty();
    }
  }

  private void requireBucket(String operation, String key) throws StoreException {
    if (bucketSeen) {
      return;
    }
    try {
      calls.ask("head bucket", bucket, s3 -> s3.headBucket(r -> r.bucket(bucket)));
      bucketSeen = true;
    } catch (StoreException.NotFound e) {
      throw new StoreException.Rejected(
          errors.message(operation, key)
              + " status=404 code=NoSuchBucket (the bucket does not exist: create it or correct its"
              + " name)",
          e);
    }
  }

  private StoredObject putOnce(
      ObjectKey key,
      ByteBuffer body,
      Crc32c checksum,
      String contentType,
      Map<String, String> metadata,
      boolean ifAbsent)
      throws StoreException {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(bucket)
            .key(key.value())
            .contentType(contentType)
            .metadata(metadata)
            .checksumCRC32C(checksum.base64());
    if (ifAbsent) {
      request.ifNoneMatch("*");
    }
    long sizeBytes = body.remaining();
    keeping.apply(request, sizeBytes);
    PutObjectResponse answer =
        calls.send("put", key.value(), body, (s3, bytes) -> s3.putObject(request.build(), bytes));
    bucketSeen = true;
    Optional<Crc32c> kept = S3Objects.checksum(answer.checksumCRC32C(), answer.checksumType());
    requireChecksum("put", key, checksum, kept);
    Map<String, String> attached = new HashMap<>(metadata);
    attached.remove(S3Objects.CREATION_ID);
    return new StoredObject(
        key, sizeBytes, kept, answer.eTag(), S3Objects.date(answer.sdkHttpResponse()), attached);
  }

  /** The object at the key if it bears the id, else the failure that led here. */
  private StoredObject ownCreation(ObjectKey key, String creationId, StoreException failure)
      throws StoreException {
    try {
      Optional<HeadObjectResponse> head = headObject(key);
      if (head.isPresent() && creationId.equals(head.get().metadata().get(S3Objects.CREATION_ID))) {
        return S3Objects.of(key, head.get());
      }
    } catch (StoreException e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }

  private void requireRangeStart(ObjectKey key, long startBytes, @Nullable String ifMatch)
      throws StoreException {
    StoredObject object =
        head(key)
            .orElseThrow(
                () ->
                    new StoreException.NotFound(
                        errors.message("read", key.value()) + ": no such object", null));
    if (ifMatch != null && !ifMatch.equals(object.etag())) {
      throw new StoreException.PreconditionFailed(
          errors.message("read", key.value())
              + ": the object was overwritten: etag expected="
              + ifMatch
              + " got="
              + object.etag(),
          null);
    }
    if (startBytes > object.sizeBytes()) {
      throw new StoreException.Corrupt(
          errors.message("read", key.value())
              + ": range past the end: start="
              + startBytes
              + " length=0 size="
              + object.sizeBytes(),
          null);
    }
  }

  /** A store that tells its checksum has to tell ours; one that tells none is asked by HEAD. */
  void requireChecksum(String operation, ObjectKey key, Crc32c expected, Optional<Crc32c> got)
      throws StoreException {
    if (got.isPresent() && !got.get().equals(expected)) {
      throw new StoreException.Corrupt(
          errors.message(operation, key.value())
              + ": checksum mismatch: expected="
              + expected
              + " got="
              + got.get(),
          null);
    }
  }

  private static String description(S3Options options) {
    return "s3://"
        + options.bucket()
        + options.endpoint().map(at -> " at " + at).orElse(" in " + options.region());
  }
}
