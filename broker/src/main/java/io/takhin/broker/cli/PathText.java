package io.takhin.broker.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Text of the user's as one element of an address. */
final class PathText {
  private PathText() {}

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
