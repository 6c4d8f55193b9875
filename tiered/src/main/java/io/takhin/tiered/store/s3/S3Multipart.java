package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * A multipart upload with a full-object checksum.
 *
 * <p>Completing is not safe to repeat: a retry of one that succeeded is told that there is no such
 * upload. So when its outcome is not known, the object is looked at: if size and checksum are those
 * that were sent, it is the one.
 */
final class S3Multipart implements Multipart {
  private final S3Store store;
  private final String bucket;
  private final S3Calls calls;
  private final PendingUpload upload;
  private final PutOptions options;

  /**
   * @param options what the upload was begun with; without a condition and metadata if another
   *     process began it
   */
  S3Multipart(
      S3Store store, String bucket, S3Calls calls, PendingUpload upload, PutOptions options) {
    this.store = store;
    this.bucket = bucket;
    this.calls = calls;
    this.upload = upload;
    this.options = options;
  }

  @Override
  public PendingUpload upload() {
    return upload;
  }

  @Override
  public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
    Part.requireNumber(number);
    long sizeBytes = body.remaining();
    UploadPartRequest request =
        UploadPartRequest.builder()
            .bucket(bucket)
            .key(key().value())
            .uploadId(upload.uploadId())
            .partNumber(number)
            .contentLength(sizeBytes)
            .checksumCRC32C(checksum.base64())
            .build();
    String operation = "put part " + number;
    UploadPartResponse answer =
        calls.send(operation, key().value(), body, (s3, bytes) -> s3.uploadPart(request, bytes));
    store.requireChecksum(
        operation, key(), checksum, S3Objects.checksum(answer.checksumCRC32C(), null));
    return new Part(number, sizeBytes, checksum, answer.eTag());
  }

  @Override
  public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
    Part.requireSequence(parts);
    long sizeBytes = parts.stream().mapToLong(Part::sizeBytes).sum();
    CompleteMultipartUploadRequest.Builder completion =
        CompleteMultipartUploadRequest.builder()
            .bucket(bucket)
            .key(key().value())
            .uploadId(upload.uploadId())
            .checksumType(ChecksumType.FULL_OBJECT)
            .checksumCRC32C(checksum.base64())
            .mpuObjectSize(sizeBytes)
            .multipartUpload(m -> m.parts(parts.stream().map(S3Multipart::completed).toList()));
    if (options.ifAbsent()) {
      completion.ifNoneMatch("*");
    }
    CompleteMultipartUploadRequest request = completion.build();
    CompleteMultipartUploadResponse answer;
    try {
      answer =
          calls.await(
              "complete",
              key().value(),
              sizeBytes,
              (s3, patience) ->
                  s3.completeMultipartUpload(
                      request.toBuilder().overrideConfiguration(patience).build()));
    } catch (StoreException.NotFound | StoreException.Unavailable e) {
      return completedBefore(sizeBytes, checksum, e);
    }
    Optional<Crc32c> kept = S3Objects.checksum(answer.checksumCRC32C(), answer.checksumType());
    store.requireChecksum("complete", key(), checksum, kept);
    return new StoredObject(
        key(),
        sizeBytes,
        kept,
        answer.eTag(),
        S3Objects.date(answer.sdkHttpResponse()),
        options.metadata());
  }

  @Override
  public void abort() throws StoreException {
    try {
      calls.ask(
          "abort",
          key().value(),
          s3 ->
              s3.abortMultipartUpload(
                  r -> r.bucket(bucket).key(key().value()).uploadId(upload.uploadId())));
    } catch (StoreException.NotFound e) {
      // Gone already, which is what was wanted.
    }
  }

  private ObjectKey key() {
    return upload.key();
  }

  private StoredObject completedBefore(long sizeBytes, Crc32c checksum, StoreException failure)
      throws StoreException {
    try {
      Optional<StoredObject> object = store.head(key());
      if (object.isPresent()
          && object.get().sizeBytes() == sizeBytes
          && object.get().checksum().equals(Optional.of(checksum))) {
        return object.get();
      }
    } catch (StoreException e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }

  private static CompletedPart completed(Part part) {
    return CompletedPart.builder()
        .partNumber(part.number())
        .eTag(part.etag())
        .checksumCRC32C(part.checksum().base64())
        .build();
  }
}
