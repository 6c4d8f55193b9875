package io.takhin.tiered.store.metered;

import java.util.Map;

/**
 * What was asked of a store since it was opened.
 *
 * @param requestsByOperation how many calls of each operation were made, failed ones included; the
 *     adapter's own retries are not seen here
 * @param bytesUploaded payload the store has accepted
 * @param bytesDownloaded payload that reached the reader, of failed reads too
 */
public record StoreTraffic(
    Map<String, Long> requestsByOperation, long bytesUploaded, long bytesDownloaded) {
  public StoreTraffic {
    requestsByOperation = Map.copyOf(requestsByOperation);
  }
}
