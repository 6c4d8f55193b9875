package io.takhin.tiered.store.s3;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * How the store is asked to keep what is written to it. Reads need none of this: the store knows.
 *
 * @param storageClass empty for what the bucket does by itself. Objects that would be billed as
 *     larger than they are stay where the bucket puts them, which is cheaper
 * @param encryption by the store; empty for what the bucket does by itself
 */
public record S3Keeping(Optional<S3StorageClass> storageClass, Optional<Encryption> encryption) {
  /** Everything as the bucket does it by itself. */
  public static final S3Keeping AS_THE_BUCKET_DOES =
      new S3Keeping(Optional.empty(), Optional.empty());

  public S3Keeping {
    Objects.requireNonNull(storageClass, "storageClass");
    Objects.requireNonNull(encryption, "encryption");
  }

  /** Encryption with a key that the store has. */
  public sealed interface Encryption {
    /** SSE-S3: a key of the store's own. */
    record WithStoreKey() implements Encryption {}

    /**
     * SSE-KMS. An ETag is then no MD5, which nothing here takes it for.
     *
     * @param keyId id, ARN or alias; empty for the account's default key
     */
    record WithKmsKey(Optional<String> keyId) implements Encryption {
      public WithKmsKey {
        if (keyId.isPresent() && keyId.get().isBlank()) {
          throw new IllegalArgumentException("keyId: expected a value, got '" + keyId.get() + "'");
        }
      }
    }
  }

  void apply(PutObjectRequest.Builder request, long sizeBytes) {
    request
        .storageClass(className(sizeBytes))
        .serverSideEncryption(algorithm())
        .ssekmsKeyId(kmsKeyId());
  }

  /** Parts are for objects that are large enough for any class. */
  void apply(CreateMultipartUploadRequest.Builder request) {
    request
        .storageClass(className(Long.MAX_VALUE))
        .serverSideEncryption(algorithm())
        .ssekmsKeyId(kmsKeyId());
  }

  void apply(CopyObjectRequest.Builder request, long sizeBytes) {
    request
        .storageClass(className(sizeBytes))
        .serverSideEncryption(algorithm())
        .ssekmsKeyId(kmsKeyId());
  }

  private @Nullable String className(long sizeBytes) {
    return storageClass.filter(found -> found.isFor(sizeBytes)).map(Enum::name).orElse(null);
  }

  private @Nullable String algorithm() {
    return encryption
        .map(found -> found instanceof Encryption.WithKmsKey ? "aws:kms" : "AES256")
        .orElse(null);
  }

  private @Nullable String kmsKeyId() {
    return encryption.isPresent() && encryption.get() instanceof Encryption.WithKmsKey kms
        ? kms.keyId().orElse(null)
        : null;
  }
}
