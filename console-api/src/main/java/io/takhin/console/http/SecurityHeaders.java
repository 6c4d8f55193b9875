package io.takhin.console.http;

import java.util.function.BiConsumer;

/** Headers of every answer, the server's own error answers included. */
final class SecurityHeaders {
  /** The page loads its own files and asks this server; it needs nothing else. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
          + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private SecurityHeaders() {}

  static void apply(BiConsumer<String, String> header) {
    header.accept("X-Content-Type-Options", "nosniff");
    header.accept("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    header.accept("X-Frame-Options", "DENY");
    header.accept("Referrer-Policy", "no-referrer");
    header.accept("Cross-Origin-Resource-Policy", "same-origin");
    header.accept("Cache-Control", "no-store");
  }
}
