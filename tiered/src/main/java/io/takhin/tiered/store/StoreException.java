package io.takhin.tiered.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A store's refusal or failure, sorted by what the caller does about it. Messages name the store,
 * the key, the expected and the actual, and hold no secrets.
 */
public abstract sealed class StoreException extends IOException {
  private StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The object is not there. */
  public static final class NotFound extends StoreException {
    public NotFound(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A condition did not hold: the object exists already, or is no longer the one that was meant.
   */
  public static final class PreconditionFailed extends StoreException {
    public PreconditionFailed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The store is down, slow or throttling, and the adapter's own retries are used up. What was
   * asked may have happened all the same: whoever wrote has to look before it cleans up.
   */
  public static final class Unavailable extends StoreException {
    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Trying again changes nothing: wrong bucket, wrong or expired credentials, a refused request.
   */
  public static final class Rejected extends StoreException {
    public Rejected(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The store does not let this object be removed: it is under a retention or a legal hold, or
   * these credentials may not remove it. Other objects may go, and this one perhaps later.
   */
  public static final class Retained extends StoreException {
    public Retained(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * What the store returned is not what it had promised: a short body, a wrong range or checksum.
   */
  public static final class Corrupt extends StoreException {
    public Corrupt(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
