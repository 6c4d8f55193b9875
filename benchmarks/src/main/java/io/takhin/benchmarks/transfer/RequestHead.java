package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The first lines of an HTTP request.
 *
 * @param path decoded, such as {@code /bucket/a/key}
 * @param query decoded; a name without a value has an empty one
 * @param headers names in lower case
 */
record RequestHead(
    String method, String path, Map<String, String> query, Map<String, String> headers) {

  static RequestHead parse(String text) throws IOException {
    String[] lines = text.split("\r\n", -1);
    String[] first = lines[0].split(" ", 3);
    if (first.length != 3) {
      throw new IOException("not a request: '" + lines[0] + "'");
    }
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).trim());
      }
    }
    String[] target = first[1].split("\\?", 2);
    Map<String, String> query = new HashMap<>();
    for (String pair : (target.length == 1 ? "" : target[1]).split("&", -1)) {
      String[] nameAndValue = pair.split("=", 2);
      query.put(nameAndValue[0], nameAndValue.length == 1 ? "" : decoded(nameAndValue[1]));
    }
    return new RequestHead(first[0], decoded(target[0]), query, headers);
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  String query(String name, String otherwise) {
    return query.getOrDefault(name, otherwise);
  }

  boolean asks(String name) {
    return query.containsKey(name);
  }

  /** How many bytes follow the head. */
  long bodyBytes() throws IOException {
    if (headers.containsKey("transfer-encoding")) {
      throw new IOException("a body without its length in advance: " + method + " " + path);
    }
    return Long.parseLong(headers.getOrDefault("content-length", "0"));
  }

  /** How many bytes the body is worth, without the framing that some clients put around it. */
  long contentBytes() throws IOException {
    String decoded = headers.get("x-amz-decoded-content-length");
    return decoded == null ? bodyBytes() : Long.parseLong(decoded);
  }

  /** The key, without the bucket in front; empty if the request is about the bucket. */
  String key() {
    int slash = path.indexOf('/', 1);
    return slash < 0 ? "" : path.substring(slash + 1);
  }

  private static String decoded(String text) {
    // A plus stands for itself in a path, and nobody sends one for a blank in a query of S3.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
