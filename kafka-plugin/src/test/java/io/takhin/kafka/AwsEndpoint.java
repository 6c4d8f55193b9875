package io.takhin.kafka;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** On loopback: an STS that exchanges any token, and an S3 whose bucket is empty. */
final class AwsEndpoint implements AutoCloseable {
  static final String TEMPORARY_KEY = "ASIATEMPORARY";

  private static final Pattern TOKEN = Pattern.compile("WebIdentityToken=([^&]+)");
  private static final Pattern SIGNER = Pattern.compile("Credential=([^/]+)/");
  private static final String CREDENTIALS =
      """
      <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <AssumeRoleWithWebIdentityResult>
          <Credentials>
            <AccessKeyId>%s</AccessKeyId>
            <SecretAccessKey>secret-word</SecretAccessKey>
            <SessionToken>session-token</SessionToken>
            <Expiration>2099-01-01T00:00:00Z</Expiration>
          </Credentials>
        </AssumeRoleWithWebIdentityResult>
      </AssumeRoleWithWebIdentityResponse>
      """
          .formatted(TEMPORARY_KEY);
  private static final String EMPTY =
      "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

  private final HttpServer server;
  private final List<String> exchanged = new CopyOnWriteArrayList<>();
  private final List<String> signers = new CopyOnWriteArrayList<>();

  private AwsEndpoint(HttpServer server) {
    this.server = server;
  }

  static AwsEndpoint start() throws IOException {
    AwsEndpoint aws =
        new AwsEndpoint(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    aws.server.createContext("/", aws::answer);
    aws.server.start();
    return aws;
  }

  String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The tokens that came to STS. */
  List<String> exchanged() {
    return exchanged;
  }

  /** Whose keys signed the requests to S3. */
  List<String> signers() {
    return signers;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] sent = exchange.getRequestBody().readAllBytes();
      String form = new String(sent, StandardCharsets.UTF_8);
      boolean isSts = exchange.getRequestMethod().equals("POST");
      if (isSts) {
        exchanged.add(URLDecoder.decode(found(TOKEN, form), StandardCharsets.UTF_8));
      } else {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        signers.add(authorization == null ? "nobody" : found(SIGNER, authorization));
      }
      byte[] answer = (isSts ? CREDENTIALS : EMPTY).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/xml");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "none";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
