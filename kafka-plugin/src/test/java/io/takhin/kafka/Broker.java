package io.takhin.kafka;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.kafka.config.PluginConfig;
import io.takhin.testkit.FaultStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A plugin as a broker holds it, with a store on disk that can be made to fail, and that the next
 * one finds as it was left.
 */
final class Broker implements AutoCloseable {
  final FaultStore store;
  final PrometheusMeterRegistry meters;
  final Machinery machinery;
  final TakhinRemoteStorageManager manager;

  private Broker(FaultStore store, PrometheusMeterRegistry meters, Machinery machinery) {
    this.store = store;
    this.meters = meters;
    this.machinery = machinery;
    this.manager = new TakhinRemoteStorageManager(machinery);
  }

  /**
   * Starts one.
   *
   * @param directory of the bucket and of the plugin
   * @param settings beside those without which nothing works
   */
  static Broker start(Path directory, Map<String, String> settings) throws IOException {
    Map<String, Object> all = new HashMap<>(settings);
    all.putIfAbsent("data.dir", directory.resolve("plugin").toString());
    all.putIfAbsent("s3.bucket", "not-used");
    all.putIfAbsent("delete.retry.pause.ms", "20");
    all.putIfAbsent("fetch.cache.size.bytes", Long.toString(64L << 20));
    all.put("broker.id", 1);
    FaultStore store = new FaultStore(FileStore.open(directory.resolve("bucket")));
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Machinery machinery = Machinery.open(PluginConfig.of(all), store, meters, Clock.systemUTC());
    return new Broker(store, meters, machinery);
  }

  static Broker start(Path directory) throws IOException {
    return start(directory, Map.of());
  }

  /** The keys of all objects. */
  List<String> keys() throws StoreException {
    return store.list("", null, 1000).stream()
        .map(StoredObject::key)
        .map(ObjectKey::value)
        .toList();
  }

  @Override
  public void close() throws IOException {
    manager.close();
  }
}
