package io.takhin.tiered.transfer.bucket;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the source's objects ahead of the transfer, which lists no faster than it copies. Costs
 * one more request for each thousand of objects; without it there would be no total and no ETA
 * until the end. Keys that are not carried do not count.
 */
final class SourceCount implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceCount.class);

  private final BucketPrefix source;
  private final KeyFilter.Matcher matcher;
  private final Thread thread;
  private volatile boolean closed;

  /** Written by the counting thread before {@link #complete}, which publishes them. */
  private long objects;

  private long bytes;
  private volatile boolean complete;

  SourceCount(BucketPrefix source, KeyFilter filter) {
    this.source = source;
    this.matcher = filter.matcher();
    this.thread = new Thread(this::count, "takhin-transfer-count");
    thread.setDaemon(true);
  }

  /** Begins to count; once. */
  void start() {
    thread.start();
  }

  boolean isComplete() {
    return complete;
  }

  /** Only when complete. */
  long objects() {
    return objects;
  }

  /** Only when complete. */
  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void count() {
    @Nullable ObjectKey after = null;
    try {
      while (!closed) {
        List<StoredObject> page =
            source.store().list(source.prefix(), after, SourceWalk.PAGE_OBJECTS);
        for (StoredObject object : page) {
          after = object.key();
          if (matcher.takes(source.relative(object.key().value()))) {
            objects++;
            bytes += object.sizeBytes();
          }
        }
        if (page.size() < SourceWalk.PAGE_OBJECTS) {
          complete = true;
          return;
        }
      }
    } catch (StoreException e) {
      // The transfer lists the same and fails for itself if it must; there is no total, that is
      // all.
      LOG.debug("not counted: source={}", source.name(), e);
    }
  }
}
