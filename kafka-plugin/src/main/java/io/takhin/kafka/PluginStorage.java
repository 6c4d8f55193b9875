package io.takhin.kafka;

import io.takhin.console.remote.RemoteSegmentListing;
import io.takhin.console.remote.RemoteStats;
import io.takhin.console.remote.RemoteStorage;
import io.takhin.console.remote.RemoteTopicListing;
import io.takhin.console.stats.StoreHealthDetail;
import io.takhin.console.transfer.Transfers;
import io.takhin.kafka.browse.BucketView;
import io.takhin.tiered.read.ReadStats;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.metered.StoreHealth;
import io.takhin.tiered.store.metered.StoreTraffic;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.transfer.TransferStatus;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the console is told of this plugin. */
final class PluginStorage implements RemoteStorage, Transfers {
  private final Machinery parts;
  private final BucketView bucket;

  PluginStorage(Machinery parts) {
    this.parts = parts;
    this.bucket = new BucketView(parts.metered, parts.config.prefix());
  }

  @Override
  public RemoteStats stats() {
    StoreTraffic traffic = parts.metered.traffic();
    return new RemoteStats(
        parts.metered.description(),
        parts.config.prefix(),
        parts.config.brokerId(),
        parts.calls.counts(),
        parts.reaper.pending(),
        new TreeMap<>(traffic.requestsByOperation()),
        traffic.bytesUploaded(),
        traffic.bytesDownloaded(),
        StoreHealthDetail.of(storeHealth()));
  }

  @Override
  public StoreHealth storeHealth() {
    return parts.metered.health();
  }

  @Override
  public ReadStats reads() {
    return parts.fetcher.stats();
  }

  @Override
  public Transfers transfers() {
    return this;
  }

  @Override
  public List<TransferStatus> underWay() {
    return parts.engine.running();
  }

  @Override
  public boolean cancel(long id) {
    return parts.engine.cancel(id);
  }

  @Override
  public RateLimits limits() {
    return parts.limits;
  }

  @Override
  public RemoteTopicListing topics(@Nullable ObjectKey after) throws StoreException {
    return bucket.topics(after);
  }

  @Override
  public RemoteSegmentListing segments(@Nullable String topic, @Nullable ObjectKey after, int limit)
      throws StoreException {
    return bucket.segments(topic, after, limit);
  }
}
