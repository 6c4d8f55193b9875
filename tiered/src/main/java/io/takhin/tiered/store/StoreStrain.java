package io.takhin.tiered.store;

/**
 * What a store's adapter overcame by itself since it was opened, and its callers did not notice.
 *
 * @param retries attempts after the first, of any request
 * @param throttled of these, how many because the store said to slow down
 * @param stalls connections given up because they moved nothing for too long
 */
public record StoreStrain(long retries, long throttled, long stalls) {
  /** Of a store that has no connections. */
  public static final StoreStrain NONE = new StoreStrain(0, 0, 0);
}
