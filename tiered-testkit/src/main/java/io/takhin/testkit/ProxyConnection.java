package io.takhin.testkit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * One client's connection and the one to the server that belongs to it. Run by one thread, which
 * carries request after request; closed by that thread, or by the proxy from outside.
 */
final class ProxyConnection implements Runnable, AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Socket client;
  private final Socket server = new Socket();
  private final InetSocketAddress target;
  private final FaultList<ProxyRequest, ProxyEffect> faults;
  private final TrafficCounter traffic;

  ProxyConnection(
      Socket client,
      InetSocketAddress target,
      FaultList<ProxyRequest, ProxyEffect> faults,
      TrafficCounter traffic) {
    this.client = client;
    this.target = target;
    this.faults = faults;
    this.traffic = traffic;
  }

  @Override
  public void run() {
    try (this) {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
      OutputStream out = new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES);
      Optional<HttpHead> head = HttpHead.read(in);
      while (head.isPresent() && exchange(head.get(), in, out)) {
        head = HttpHead.read(in);
      }
    } catch (ConnectionEnded e) {
      if (e.isReset()) {
        reset();
      }
    } catch (IOException e) {
      // Either side went away, or the server is not there. To the client that is a connection that
      // ends, which is also what it would see without a proxy.
    }
  }

  @Override
  public void close() {
    closeQuietly(client);
    closeQuietly(server);
  }

  /** Whether the connection goes on. */
  private boolean exchange(HttpHead head, InputStream in, OutputStream out) throws IOException {
    ProxyRequest request = ProxyRequest.of(head);
    traffic.request(request.operation());
    List<ProxyEffect> effects = faults.claimedBy(request);
    Gate requestGate = Gate.OPEN;
    Gate responseGate = Gate.OPEN;
    for (ProxyEffect effect : effects) {
      effect.before();
      requestGate = effect.requestGate(requestGate);
      responseGate = effect.responseGate(responseGate);
    }
    // The proxy itself invites the body, so that the server need not and every body has one path.
    if (head.header("expect").isPresent()) {
      new HttpHead("HTTP/1.1 100 Continue", List.of()).write(out);
      out.flush();
    }
    Optional<ProxyEffect.Refusal> refusal =
        effects.stream().flatMap(effect -> effect.refusal().stream()).findFirst();
    if (refusal.isPresent()) {
      new HttpBody(in, OutputStream.nullOutputStream(), requestGate).relayRequest(head);
      refuse(request, refusal.get(), out);
      return true;
    }
    forward(head.without("expect"), in, requestGate);
    return answer(head, effects, responseGate, out);
  }

  private void forward(HttpHead head, InputStream in, Gate gate) throws IOException {
    if (!server.isConnected()) {
      server.connect(target);
    }
    OutputStream out = new BufferedOutputStream(server.getOutputStream(), BUFFER_BYTES);
    head.write(out);
    HttpBody body = new HttpBody(in, out, gate);
    // With AWS's own chunks inside the body, only the header tells how much of it is payload.
    Optional<Long> decodedBytes = head.header("x-amz-decoded-content-length").map(Long::parseLong);
    try {
      body.relayRequest(head);
    } finally {
      traffic.up(
          decodedBytes.map(all -> Math.min(all, body.passedBytes())).orElseGet(body::passedBytes));
    }
    out.flush();
  }

  private boolean answer(HttpHead request, List<ProxyEffect> effects, Gate gate, OutputStream out)
      throws IOException {
    InputStream in = new BufferedInputStream(server.getInputStream(), BUFFER_BYTES);
    HttpHead response = finalHead(in);
    for (ProxyEffect effect : effects) {
      effect.answered();
    }
    response.write(out);
    HttpBody body = new HttpBody(in, out, gate);
    try {
      boolean goesOn = body.relayResponse(request, response);
      out.flush();
      return goesOn && !request.closes();
    } finally {
      traffic.down(body.passedBytes());
    }
  }

  private static HttpHead finalHead(InputStream in) throws IOException {
    HttpHead head;
    do {
      head = HttpHead.read(in).orElseThrow(() -> new IOException("the server hung up"));
    } while (head.status() < 200); // Interim responses were answered for by the proxy.
    return head;
  }

  private static void refuse(ProxyRequest request, ProxyEffect.Refusal refusal, OutputStream out)
      throws IOException {
    byte[] document =
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
                + refusal.code()
                + "</Code><Message>injected by the fault proxy</Message></Error>")
            .getBytes(StandardCharsets.UTF_8);
    new HttpHead(
            "HTTP/1.1 " + refusal.status() + " " + refusal.reason(),
            List.of(
                "Content-Type: application/xml",
                "Content-Length: " + document.length,
                "x-amz-request-id: injected"))
        .write(out);
    if (!request.head().method().equals("HEAD")) {
      out.write(document);
    }
    out.flush();
  }

  private void reset() {
    try {
      client.setSoLinger(true, 0); // Closing then sends a reset.
    } catch (IOException e) {
      // The client has gone already, which it cannot tell from a reset.
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing can be done about a socket that does not close, and nothing depends on it.
    }
  }
}
