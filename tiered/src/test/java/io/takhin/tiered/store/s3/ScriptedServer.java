package io.takhin.tiered.store.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server on loopback that answers requests in turn with what a test tells it, and remembers what
 * it was asked: for what an S3 server cannot be made to do.
 */
final class ScriptedServer implements AutoCloseable {
  private static final int NO_BODY = -1;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ConcurrentLinkedQueue<Answer> script = new ConcurrentLinkedQueue<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  ScriptedServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Answers the next request; the last answer is repeated. */
  ScriptedServer then(Answer answer) {
    script.add(answer);
    return this;
  }

  List<Request> requests() {
    return requests;
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] sent = exchange.getRequestBody().readAllBytes();
      Request request =
          new Request(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              Map.copyOf(exchange.getRequestHeaders()),
              new String(sent, StandardCharsets.UTF_8));
      requests.add(request);
      Answer answer = script.size() > 1 ? script.remove() : script.element();
      if (answer.hangs()) {
        awaitClose();
        return;
      }
      answer.headers(requests).forEach(exchange.getResponseHeaders()::set);
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      boolean bodiless = request.method().equals("HEAD") || body.length == 0;
      exchange.sendResponseHeaders(answer.status(), bodiless ? NO_BODY : body.length);
      if (!bodiless) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private void awaitClose() {
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  record Request(String method, String uri, Map<String, List<String>> headers, String sent) {
    String header(String name) {
      return headers.entrySet().stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(header -> header.getValue().get(0))
          .findFirst()
          .orElse("");
    }
  }

  /** What to answer, perhaps by what was asked before. */
  interface Answer {
    int status();

    String body();

    default boolean hangs() {
      return false;
    }

    default Map<String, String> headers(List<Request> requests) {
      return Map.of();
    }
  }

  static Answer status(int status) {
    return new Plain(status, "", false);
  }

  /** An answer with a body. */
  static Answer document(String xml) {
    return new Plain(200, xml, false);
  }

  /** An answer that never comes. */
  static Answer silence() {
    return new Plain(0, "", true);
  }

  static Answer error(int status, String code) {
    return new Plain(
        status,
        "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>no</Message></Error>",
        false);
  }

  private record Plain(int status, String body, boolean hangs) implements Answer {}
}
