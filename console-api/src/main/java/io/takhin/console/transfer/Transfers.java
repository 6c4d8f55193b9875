package io.takhin.console.transfer;

import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.transfer.TransferStatus;
import java.util.List;

/** What travels to the bucket and from it. Called by request threads; nothing here waits. */
public interface Transfers {
  /** What is under way, oldest first. */
  List<TransferStatus> underWay();

  /**
   * Ends a transfer.
   *
   * @return false if there is none of that id any more
   */
  boolean cancel(long id);

  /** Of all of them together; may be changed. */
  RateLimits limits();
}
