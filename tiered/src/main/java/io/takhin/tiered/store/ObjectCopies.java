package io.takhin.tiered.store;

/**
 * Copies that are made inside the store, so that no payload passes through this process. Content
 * type and metadata come along.
 *
 * <p>A copy may be refused although {@link #accepts} says yes, most often because the credentials
 * of the target may not read the source: {@link StoreException.Rejected}, and callers then carry
 * the bytes themselves. Threads, retries and interrupts are as in {@link ObjectStore}.
 */
public interface ObjectCopies {
  /** The most that one request copies, as S3 has it: 5 GiB. Larger objects go in parts. */
  long MAX_COPY_BYTES = 5L << 30;

  /**
   * Names an object of this store for a copy, perhaps into another one.
   *
   * @param object as {@link ObjectStore#head} of this store described it
   */
  CopySource source(StoredObject object);

  /** Whether it is worth trying: the source is of the same service. Asks nobody. */
  boolean accepts(CopySource source);

  /**
   * Creates or overwrites an object of this store with the source's bytes, in one request.
   *
   * @param source an object of at most {@link #MAX_COPY_BYTES}
   * @return the copy; its checksum is the store's own over it, empty where it told none
   * @throws StoreException.PreconditionFailed if the source has changed
   * @throws StoreException.NotFound if the source is gone, or hidden from this store's credentials
   * @throws StoreException.Rejected if the store cannot or will not copy it
   * @throws StoreException.Corrupt if the store's checksum of the copy is not the source's
   */
  StoredObject copy(CopySource source, ObjectKey key) throws StoreException;

  /** Begins a copy in parts. */
  Upload start(CopySource source, ObjectKey key) throws StoreException;

  /**
   * A copy on its way. Parts may be copied from several threads; {@link #complete} and {@link
   * #abort} by one, after the last part has returned.
   */
  interface Upload {
    /** By which {@link ObjectStore#resumeMultipart} finds it again, to abort it. */
    ObjectStore.PendingUpload upload();

    /**
     * Copies one part; the numbers are 1, 2, 3 and so on in the order of the bytes.
     *
     * @param lengthBytes {@link ObjectStore.Multipart#MIN_PART_BYTES} to {@link #MAX_COPY_BYTES},
     *     unless it is the last part, which may be smaller
     * @throws StoreException as {@link ObjectCopies#copy}
     */
    void copyPart(int number, long startBytes, long lengthBytes) throws StoreException;

    /**
     * Makes the copy visible.
     *
     * @throws StoreException.Corrupt if the store's checksum of the copy is not the source's
     * @throws StoreException.Rejected if parts are missing or too small
     * @throws StoreException.NotFound if the upload was aborted
     */
    StoredObject complete() throws StoreException;

    /** Discards the parts; a copy that is gone already counts as aborted. */
    void abort() throws StoreException;
  }
}
