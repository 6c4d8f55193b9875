package io.takhin.tiered.store.s3;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.ObjectCopies.Upload;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyPartResult;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;

/**
 * A copy in parts. What the store told of each part is kept here, ordered by number, because the
 * completion has to name them all; at most {@link Multipart#MAX_PARTS} of them.
 */
final class S3CopyUpload implements Upload {
  private final S3Store store;
  private final S3Copies copies;
  private final CopySource source;
  private final PendingUpload upload;
  private final ConcurrentNavigableMap<Integer, CompletedPart> parts =
      new ConcurrentSkipListMap<>();

  S3CopyUpload(S3Store store, S3Copies copies, CopySource source, PendingUpload upload) {
    this.store = store;
    this.copies = copies;
    this.source = source;
    this.upload = upload;
  }

  @Override
  public PendingUpload upload() {
    return upload;
  }

  @Override
  public void copyPart(int number, long startBytes, long lengthBytes) throws StoreException {
    Part.requireNumber(number);
    UploadPartCopyRequest request =
        UploadPartCopyRequest.builder()
            .sourceBucket(source.bucket())
            .sourceKey(source.object().key().value())
            .copySourceIfMatch(source.object().etag())
            .copySourceRange(
                String.format(Locale.ROOT, "bytes=%d-%d", startBytes, startBytes + lengthBytes - 1))
            .destinationBucket(copies.bucket())
            .destinationKey(key().value())
            .uploadId(upload.uploadId())
            .partNumber(number)
            .build();
    CopyPartResult result =
        copies
            .calls()
            .await(
                "copy part " + number,
                key().value(),
                lengthBytes,
                (s3, patience) ->
                    s3.uploadPartCopy(request.toBuilder().overrideConfiguration(patience).build()))
            .copyPartResult();
    parts.put(
        number,
        CompletedPart.builder()
            .partNumber(number)
            .eTag(result.eTag())
            .checksumCRC32C(result.checksumCRC32C())
            .build());
  }

  @Override
  public StoredObject complete() throws StoreException {
    List<CompletedPart> listed = new ArrayList<>(parts.values());
    if (listed.isEmpty() || parts.lastKey() != listed.size()) {
      throw copies.rejected(key(), "parts are missing: copied=" + parts.keySet());
    }
    StoredObject original = source.object();
    CompleteMultipartUploadRequest.Builder request =
        CompleteMultipartUploadRequest.builder()
            .bucket(copies.bucket())
            .key(key().value())
            .uploadId(upload.uploadId())
            .checksumType(ChecksumType.FULL_OBJECT)
            .mpuObjectSize(original.sizeBytes())
            .multipartUpload(m -> m.parts(listed));
    original.checksum().ifPresent(expected -> request.checksumCRC32C(expected.base64()));
    CompleteMultipartUploadResponse answer;
    try {
      answer =
          copies
              .calls()
              .await(
                  "complete",
                  key().value(),
                  original.sizeBytes(),
                  (s3, patience) ->
                      s3.completeMultipartUpload(request.overrideConfiguration(patience).build()));
    } catch (StoreException.NotFound | StoreException.Unavailable e) {
      return completedBefore(e);
    }
    StoredObject copy =
        new StoredObject(
            key(),
            original.sizeBytes(),
            S3Objects.checksum(answer.checksumCRC32C(), answer.checksumType()),
            answer.eTag(),
            S3Objects.date(answer.sdkHttpResponse()),
            original.metadata(),
            original.contentType());
    if (original.checksum().isPresent()) {
      store.requireChecksum("copy", key(), original.checksum().get(), copy.checksum());
    }
    return copy;
  }

  @Override
  public void abort() throws StoreException {
    store.resumeMultipart(upload).abort();
  }

  private ObjectKey key() {
    return upload.key();
  }

  /** The outcome is not known: if what stands there is provably the source, it is the copy. */
  private StoredObject completedBefore(StoreException failure) throws StoreException {
    try {
      Optional<StoredObject> object = store.head(key());
      if (object.isPresent()
          && object.get().sizeBytes() == source.object().sizeBytes()
          && object.get().checksum().isPresent()
          && object.get().checksum().equals(source.object().checksum())) {
        return object.get();
      }
    } catch (StoreException e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }
}
