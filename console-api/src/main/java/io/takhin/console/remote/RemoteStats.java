package io.takhin.console.remote;

import io.takhin.console.stats.StoreHealthDetail;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one broker asked of its remote storage, in a REST answer. Counts begin with the process.
 *
 * @param bucket and where it is
 * @param prefix of the keys of what is copied now
 * @param calls the broker's, by what it asked for
 * @param deletesPending segments whose objects are still to be removed from the bucket
 * @param s3Requests requests to the store by operation
 */
public record RemoteStats(
    String bucket,
    String prefix,
    int brokerId,
    SortedMap<String, Calls> calls,
    long deletesPending,
    SortedMap<String, Long> s3Requests,
    long s3BytesUploaded,
    long s3BytesDownloaded,
    StoreHealthDetail storeHealth) {

  /**
   * Calls of one kind.
   *
   * @param absent answered that there is nothing, which is an answer and no failure
   * @param millis what they took together
   */
  public record Calls(long done, long failed, long absent, long millis) {}

  public RemoteStats {
    calls = new TreeMap<>(calls);
    s3Requests = new TreeMap<>(s3Requests);
  }
}
