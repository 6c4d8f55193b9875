package io.takhin.tiered.store;

/**
 * An object as another bucket of the same service can name it: what a copy inside the store is made
 * of. A value, so it passes through decorators and may outlive the store that made it.
 *
 * @param service tells services apart between which nothing can be copied, such as {@code
 *     http://127.0.0.1:9000}; holds no secrets
 * @param bucket as the service names it
 * @param object what is copied, as {@link ObjectStore#head} described it; a copy is refused when
 *     the object has another ETag by then
 */
public record CopySource(String service, String bucket, StoredObject object) {
  @Override
  public String toString() {
    return bucket + "/" + object.key() + " of " + service;
  }
}
