package io.takhin.broker;

import io.takhin.broker.api.BrokerSettings;
import io.takhin.broker.api.FetchApi;
import io.takhin.broker.api.Node;
import io.takhin.broker.api.Protocol;
import io.takhin.broker.group.Groups;
import io.takhin.broker.log.AdoptedLog;
import io.takhin.broker.log.ClusterId;
import io.takhin.broker.log.DataDirectory;
import io.takhin.broker.log.LogSettings;
import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.ProducerIds;
import io.takhin.broker.net.SocketServer;
import io.takhin.broker.tiering.LocalOnly;
import io.takhin.broker.tiering.TieringFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running broker: from {@link #start} on it serves, until {@link #close}. It needs no thread of
 * its caller, and all its threads are daemons.
 */
public final class Broker implements AutoCloseable {
  /** There is one node, and this is its id. */
  public static final int NODE_ID = 0;

  private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

  private final BrokerOptions options;
  private final DataDirectory directory;
  private final LogStore store;
  private final Groups groups;
  private final FetchApi fetch;
  private final SocketServer server;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Broker(
      BrokerOptions options,
      DataDirectory directory,
      LogStore store,
      Groups groups,
      FetchApi fetch,
      SocketServer server) {
    this.options = options;
    this.directory = directory;
    this.store = store;
    this.groups = groups;
    this.fetch = fetch;
    this.server = server;
  }

  /** Starts a broker that keeps every segment local. */
  public static Broker start(BrokerOptions options) throws IOException {
    return start(options, partitions -> new LocalOnly());
  }

  /**
   * Starts a broker: locks the data directory, binds the port, recovers the logs, and serves.
   *
   * @throws io.takhin.broker.log.DataDirectoryInUseException when another process has the directory
   * @throws java.net.BindException when the port is in use
   * @throws IOException when the directory cannot be read or written; nothing is left running
   */
  public static Broker start(BrokerOptions options, TieringFactory tiering) throws IOException {
    Closing started = new Closing();
    try {
      DataDirectory directory = started.add(DataDirectory.lock(options.dataDir()));
      SocketServer server =
          started.add(
              new SocketServer(
                  new InetSocketAddress(options.host(), options.port()),
                  options.maxConnections(),
                  options.maxRequestBytes()));
      LogStore store =
          started.add(
              LogStore.open(
                  directory,
                  new LogSettings(
                      options.defaultPartitions(),
                      options.defaultSegmentBytes(),
                      options.defaultRetention()),
                  tiering));
      Groups groups = started.add(new Groups(store, NODE_ID));
      FetchApi fetch = new FetchApi(store, options.coldReadTimeout());
      Protocol protocol =
          new Protocol(
              new Node(NODE_ID, ClusterId.of(directory), options.advertisedHost(), server.port()),
              new BrokerSettings(
                  options.autoCreateTopics(),
                  options.defaultPartitions(),
                  options.defaultSegmentBytes(),
                  options.maxRequestBytes(),
                  options.coldReadTimeout()),
              store,
              groups,
              new ProducerIds(directory.path()),
              fetch);
      server.serve(protocol);
      LOG.info(
          "broker started: address={}:{} data-dir={} topics={}",
          options.host(),
          server.port(),
          directory.path(),
          store.topics().size());
      return new Broker(options, directory, store, groups, fetch, server);
    } catch (IOException | RuntimeException e) {
      started.closeAfter(e);
      throw e;
    }
  }

  /** The port that is listened on. */
  public int port() {
    return server.port();
  }

  /** Whether clients can connect. */
  public boolean isListening() {
    return server.isListening();
  }

  /**
   * Serves records again that were deleted and are archived still: the topic is made anew, or its
   * logs start earlier. Blocks; repeating it does no harm.
   *
   * @param archived what there is of each partition without a gap up to its end, or up to where the
   *     log of a living topic starts
   */
  public void bringBack(String topic, Map<Integer, AdoptedLog> archived) {
    store.bringBack(topic, archived);
  }

  /** What could not be written to the data directory within the last minute. */
  public Optional<String> recentWriteFailure() {
    return store.recentWriteFailure();
  }

  /**
   * Stops: accepts no more connections, answers the requests that are being served, closes the
   * logs, and marks the stop as clean. Takes at most the shutdown timeout, and some seconds for
   * writing. A second call does nothing.
   */
  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    LOG.info("broker stopping: data-dir={}", directory.path());
    // Whatever fails, the later steps run: the logs above all are to be closed.
    try {
      server.stopAccepting();
      fetch.stop();
      groups.close();
    } finally {
      try {
        server.drain(options.shutdownTimeout());
      } finally {
        try {
          store.close();
        } finally {
          directory.close();
        }
      }
    }
    LOG.info("broker stopped: data-dir={}", directory.path());
  }
}
