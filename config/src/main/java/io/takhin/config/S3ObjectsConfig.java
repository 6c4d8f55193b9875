package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * How the bucket keeps what is written to it.
 *
 * @param storageClass empty for what the bucket does by itself
 * @param encryption by S3
 * @param kmsKeyId only with {@link ServerEncryption#KMS}; empty for the account's default key
 */
public record S3ObjectsConfig(
    Optional<StorageClass> storageClass, ServerEncryption encryption, Optional<String> kmsKeyId) {

  public S3ObjectsConfig {
    requireNonNull(storageClass, "storageClass");
    requireNonNull(encryption, "encryption");
    requireNonNull(kmsKeyId, "kmsKeyId");
  }
}
