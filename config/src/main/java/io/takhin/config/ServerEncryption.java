package io.takhin.config;

/** How S3 is asked to encrypt the objects that are written. */
public enum ServerEncryption {
  /** As the bucket does by itself. */
  BUCKET,
  /** SSE-S3: with a key of S3's own. */
  S3,
  /** SSE-KMS. */
  KMS
}
