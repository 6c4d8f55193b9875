package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.transfer.PartPlan;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The bounds and choices of one transfer. Memory for payload is at most {@code chunkSizeBytes ×
 * workers}, or one part of an object that needs larger ones to fit {@value
 * io.takhin.tiered.store.ObjectStore.Multipart#MAX_PARTS} of them, if that is more.
 *
 * @param workers objects and parts under way at the same time, 1 to 256
 * @param chunkSizeBytes size of the parts that large objects are streamed in, 5 MiB to 1 GiB; an
 *     object up to this size goes in one request
 * @param copyLimitBytes the largest object that is copied inside the store by one request, up to 5
 *     GiB; larger ones are copied in parts
 * @param bytesPerSecond limit of what is streamed; 0 for none. Copies inside the store do not count
 * @param progressFile remembers what is done, so that an interrupted transfer goes on from there;
 *     removed when everything is done. Empty means that nothing is remembered
 */
public record BucketTransferOptions(
    TransferMode mode,
    int workers,
    long chunkSizeBytes,
    long copyLimitBytes,
    long bytesPerSecond,
    KeyFilter filter,
    Optional<Path> progressFile) {
  public static final int DEFAULT_WORKERS = 16;
  public static final long DEFAULT_CHUNK_SIZE_BYTES = 8L << 20;

  private static final int MAX_WORKERS = 256;
  private static final long MAX_CHUNK_SIZE_BYTES = 1L << 30; // one ByteBuffer holds a chunk
  private static final long COPY_PART_BYTES = 512L << 20;

  public BucketTransferOptions {
    require("workers", workers, 1, MAX_WORKERS);
    require("chunkSizeBytes", chunkSizeBytes, Multipart.MIN_PART_BYTES, MAX_CHUNK_SIZE_BYTES);
    require(
        "copyLimitBytes", copyLimitBytes, Multipart.MIN_PART_BYTES, ObjectCopies.MAX_COPY_BYTES);
    if (!RateLimits.isValid(bytesPerSecond)) {
      throw new IllegalArgumentException(
          "bytesPerSecond: expected 0 for no limit, or at least "
              + RateLimits.MIN_BYTES_PER_SECOND
              + ", got "
              + bytesPerSecond);
    }
  }

  /** All objects, by the best way there is, without a progress file. */
  public static BucketTransferOptions defaults() {
    return new BucketTransferOptions(
        TransferMode.AUTO,
        DEFAULT_WORKERS,
        DEFAULT_CHUNK_SIZE_BYTES,
        ObjectCopies.MAX_COPY_BYTES,
        0,
        KeyFilter.ALL,
        Optional.empty());
  }

  public BucketTransferOptions withMode(TransferMode newMode) {
    return new BucketTransferOptions(
        newMode, workers, chunkSizeBytes, copyLimitBytes, bytesPerSecond, filter, progressFile);
  }

  public BucketTransferOptions withWorkers(int newWorkers) {
    return new BucketTransferOptions(
        mode, newWorkers, chunkSizeBytes, copyLimitBytes, bytesPerSecond, filter, progressFile);
  }

  public BucketTransferOptions withChunkSizeBytes(long newChunkSizeBytes) {
    return new BucketTransferOptions(
        mode, workers, newChunkSizeBytes, copyLimitBytes, bytesPerSecond, filter, progressFile);
  }

  public BucketTransferOptions withCopyLimitBytes(long newCopyLimitBytes) {
    return new BucketTransferOptions(
        mode, workers, chunkSizeBytes, newCopyLimitBytes, bytesPerSecond, filter, progressFile);
  }

  public BucketTransferOptions withBytesPerSecond(long newBytesPerSecond) {
    return new BucketTransferOptions(
        mode, workers, chunkSizeBytes, copyLimitBytes, newBytesPerSecond, filter, progressFile);
  }

  public BucketTransferOptions withFilter(KeyFilter newFilter) {
    return new BucketTransferOptions(
        mode, workers, chunkSizeBytes, copyLimitBytes, bytesPerSecond, newFilter, progressFile);
  }

  public BucketTransferOptions withProgressFile(Path file) {
    return new BucketTransferOptions(
        mode,
        workers,
        chunkSizeBytes,
        copyLimitBytes,
        bytesPerSecond,
        filter,
        Optional.of(file.toAbsolutePath()));
  }

  /** Parts in which an object is streamed: raised so that it fits the number there can be. */
  PartPlan streamParts(long sizeBytes) {
    return PartPlan.forUpload(sizeBytes, chunkSizeBytes);
  }

  /** Parts in which an object is copied inside the store. */
  PartPlan copyParts(long sizeBytes) {
    return PartPlan.forUpload(sizeBytes, Math.min(copyLimitBytes, COPY_PART_BYTES));
  }

  private static void require(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "invalid " + name + ": expected " + least + " to " + most + ", got " + value);
    }
  }
}
