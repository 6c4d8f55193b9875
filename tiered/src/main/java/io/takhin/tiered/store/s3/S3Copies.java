package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResult;

/**
 * Copies by CopyObject and UploadPartCopy, which S3 makes between buckets of one service, also
 * between regions of Amazon's. The request goes to the target, whose credentials have to be allowed
 * to read the source.
 */
final class S3Copies implements ObjectCopies {
  private static final String AMAZON = "Amazon S3";
  private static final String BINARY = PutOptions.BINARY.contentType();

  private final S3Store store;
  private final S3Options options;
  private final S3Calls calls;
  private final S3Errors errors;
  private final String service;

  S3Copies(S3Store store, S3Options options, S3Calls calls, S3Errors errors) {
    this.store = store;
    this.options = options;
    this.calls = calls;
    this.errors = errors;
    this.service = options.endpoint().map(S3Copies::service).orElse(AMAZON);
  }

  @Override
  public CopySource source(StoredObject object) {
    return new CopySource(service, options.bucket(), object);
  }

  @Override
  public boolean accepts(CopySource source) {
    return source.service().equals(service);
  }

  @Override
  public StoredObject copy(CopySource source, ObjectKey key) throws StoreException {
    requireAccepted(source, key);
    StoredObject original = source.object();
    CopyObjectRequest.Builder builder =
        CopyObjectRequest.builder()
            .sourceBucket(source.bucket())
            .sourceKey(original.key().value())
            .copySourceIfMatch(original.etag())
            .destinationBucket(options.bucket())
            .destinationKey(key.value())
            .checksumAlgorithm(ChecksumAlgorithm.CRC32_C);
    options.keeping().apply(builder, original.sizeBytes());
    CopyObjectRequest request = builder.build();
    CopyObjectResult result =
        calls
            .await(
                "copy",
                key.value(),
                original.sizeBytes(),
                (s3, patience) ->
                    s3.copyObject(request.toBuilder().overrideConfiguration(patience).build()))
            .copyObjectResult();
    Optional<Crc32c> kept = S3Objects.checksum(result.checksumCRC32C(), result.checksumType());
    if (original.checksum().isPresent()) {
      store.requireChecksum("copy", key, original.checksum().get(), kept);
    }
    return new StoredObject(
        key,
        original.sizeBytes(),
        kept,
        result.eTag(),
        result.lastModified(),
        original.metadata(),
        original.contentType());
  }

  @Override
  public Upload start(CopySource source, ObjectKey key) throws StoreException {
    requireAccepted(source, key);
    StoredObject original = source.object();
    PutOptions create =
        new PutOptions(false, original.contentType().orElse(BINARY), original.metadata());
    PendingUpload begun = store.startMultipart(key, create).upload();
    return new S3CopyUpload(store, this, source, begun);
  }

  S3Calls calls() {
    return calls;
  }

  String bucket() {
    return options.bucket();
  }

  StoreException.Rejected rejected(ObjectKey key, String why) {
    return new StoreException.Rejected(errors.message("copy", key.value()) + ": " + why, null);
  }

  private static String service(URI endpoint) {
    String text = endpoint.normalize().toString();
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private void requireAccepted(CopySource source, ObjectKey key) throws StoreException {
    if (!accepts(source)) {
      throw rejected(
          key, "the source is of another service: expected=" + service + " got=" + source);
    }
  }
}
