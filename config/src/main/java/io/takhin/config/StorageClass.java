package io.takhin.config;

/**
 * The storage classes of S3 whose objects can be read at once, under Amazon's names. Those that
 * need hours of thawing are left out on purpose.
 */
public enum StorageClass {
  STANDARD,
  STANDARD_IA,
  ONEZONE_IA,
  INTELLIGENT_TIERING,
  GLACIER_IR,
  REDUCED_REDUNDANCY,
  EXPRESS_ONEZONE
}
