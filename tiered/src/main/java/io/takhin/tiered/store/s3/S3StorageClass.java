package io.takhin.tiered.store.s3;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The storage classes whose objects can be read at once, under Amazon's names. Others (GLACIER,
 * DEEP_ARCHIVE, …) need hours of thawing before a read, so nothing is ever written to them; a
 * lifecycle rule of the bucket must not move objects there either, nor may the archive tiers of
 * {@link #INTELLIGENT_TIERING} be switched on.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html">
 *     Storage classes</a>
 */
public enum S3StorageClass {
  STANDARD(0),
  STANDARD_IA(S3StorageClass.LEAST_BILLED_BYTES),
  ONEZONE_IA(S3StorageClass.LEAST_BILLED_BYTES),
  INTELLIGENT_TIERING(0),
  GLACIER_IR(S3StorageClass.LEAST_BILLED_BYTES),
  REDUCED_REDUNDANCY(0),
  EXPRESS_ONEZONE(0);

  private static final long LEAST_BILLED_BYTES = 128 << 10;

  private final long leastBilledBytes;

  S3StorageClass(long leastBilledBytes) {
    this.leastBilledBytes = leastBilledBytes;
  }

  /** Whether an object costs no more in this class than where the bucket puts it by itself. */
  boolean isFor(long sizeBytes) {
    return sizeBytes >= leastBilledBytes;
  }

  /** Empty if there is none of that name, or none that can be read at once. */
  public static Optional<S3StorageClass> find(String name) {
    return Arrays.stream(values()).filter(found -> found.name().equals(name)).findFirst();
  }

  /** All names, for messages. */
  public static String names() {
    return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
  }
}
