package io.takhin.tiered.transfer.bucket;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What came of a transfer.
 *
 * @param objectsCopied that arrived and were verified
 * @param objectsSkipped that were there already, as this or an earlier run had verified
 * @param objectsFailed that did not arrive
 * @param failures the first of these, with reasons; bounded
 * @param bytesStreamed payload of the copied that went through this process
 * @param bytesCopiedInside payload of the copied that never left the store
 * @param bytesSkipped payload of the skipped
 * @param bytesDownloaded payload that this process received, failed attempts included
 * @param bytesUploaded payload that this process sent and the store accepted
 * @param requests to both sides, by side and operation, such as {@code source.head}; failed ones
 *     included
 * @param verified how many objects were verified by what: {@code checksum}, {@code etag} or {@code
 *     size}
 * @param uploadsAborted leftovers of an earlier run that was killed
 * @param way how the bytes went, and why
 */
public record TransferSummary(
    long objectsCopied,
    long objectsSkipped,
    long objectsFailed,
    List<FailedObject> failures,
    long bytesStreamed,
    long bytesCopiedInside,
    long bytesSkipped,
    long bytesDownloaded,
    long bytesUploaded,
    Map<String, Long> requests,
    Map<String, Long> verified,
    long uploadsAborted,
    String way,
    Duration duration) {
  public TransferSummary {
    failures = List.copyOf(failures);
    requests = Map.copyOf(requests);
    verified = Map.copyOf(verified);
  }

  /** Whether the target now has every object of the source that the patterns take. */
  public boolean complete() {
    return objectsFailed == 0;
  }

  /** Payload that this transfer did not have to carry: copied inside the store, or skipped. */
  public long bytesSaved() {
    return bytesCopiedInside + bytesSkipped;
  }
}
