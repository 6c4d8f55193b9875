package io.takhin.console;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * A bound socket. It is bound before the HTTP server exists, so that a taken port fails with one
 * plain message and nothing has to be taken down.
 */
final class ListenAddress implements AutoCloseable {
  private static final int IDLE_MILLIS = 30_000;

  /** Both take a thread of the pool; by default their number grows with that of processors. */
  private static final int ACCEPTORS = 1;

  private static final int SELECTORS = 2;

  private final ServerSocketChannel channel;
  private final InetAddress address;
  private final URI uri;

  private ListenAddress(ServerSocketChannel channel, InetAddress address, URI uri) {
    this.channel = channel;
    this.address = address;
    this.uri = uri;
  }

  /**
   * @param port 0 takes a free one
   * @throws BindException that names host and port
   */
  static ListenAddress bind(String host, int port) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      InetAddress address = InetAddress.getByName(host);
      // A socket of the process before may linger; the port is free all the same.
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(new InetSocketAddress(address, port));
      int actualPort = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      String name = address.isAnyLocalAddress() ? "localhost" : literal(host);
      return new ListenAddress(channel, address, URI.create("http://" + name + ":" + actualPort));
    } catch (UnknownHostException | UnresolvedAddressException e) {
      throw refused(channel, host, port, "unknown host", e);
    } catch (IOException e) {
      throw refused(channel, host, port, String.valueOf(e.getMessage()), e);
    }
  }

  URI uri() {
    return uri;
  }

  boolean isLoopback() {
    return address.isLoopbackAddress();
  }

  /** A connector on the bound socket. */
  ServerConnector connector(Server server, HttpConfiguration http) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    // A segment path in an address may have its slash encoded. Nothing else that is ambiguous is
    // let through, and the path is parsed by one strict grammar.
    http.setUriCompliance(
        UriCompliance.DEFAULT.with(
            "segment-path", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR));
    ServerConnector connector =
        new ServerConnector(server, ACCEPTORS, SELECTORS, new HttpConnectionFactory(http));
    connector.setIdleTimeout(IDLE_MILLIS);
    try {
      connector.open(channel);
    } catch (IOException e) {
      throw new IllegalStateException("cannot listen on " + uri, e);
    }
    return connector;
  }

  void limitConnections(Server server, int maxConnections) {
    server.addBean(new NetworkConnectionLimit(maxConnections, server));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static BindException refused(
      ServerSocketChannel channel, String host, int port, String why, Exception cause) {
    BindException refused =
        new BindException(
            "console cannot listen on "
                + literal(host)
                + ":"
                + port
                + ": "
                + why
                + "; change console.host or console.port");
    refused.initCause(cause);
    try {
      channel.close();
    } catch (IOException e) {
      refused.addSuppressed(e);
    }
    return refused;
  }

  private static String literal(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
  }
}
