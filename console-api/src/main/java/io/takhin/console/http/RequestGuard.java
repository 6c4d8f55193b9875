package io.takhin.console.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a browser may do with a console that asks for no password.
 *
 * <p>Two attacks matter, both from a page somewhere else that runs in the operator's browser. A
 * name that the attacker lets point to 127.0.0.1 would make the console same-origin with that page
 * (DNS rebinding): bound to loopback, the console therefore answers only to loopback names. And a
 * form or a simple cross-origin request could start an operation without reading its answer: a POST
 * or PUT therefore has to be {@code application/json}, which a browser sends across origins only
 * after asking, as it sends any DELETE, and the console never says yes.
 */
public final class RequestGuard {
  private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "[::1]", "::1");

  private static final Set<HandlerType> WITH_BODY = Set.of(HandlerType.POST, HandlerType.PUT);

  private final boolean loopbackOnly;
  private final String boundHost;

  /**
   * @param boundHost the address or name the console was told to listen on
   * @param loopbackOnly whether that is a loopback address
   */
  public RequestGuard(String boundHost, boolean loopbackOnly) {
    this.boundHost = boundHost.toLowerCase(Locale.ROOT);
    this.loopbackOnly = loopbackOnly;
  }

  /** Runs before every request, whether or not there is something at its path. */
  public void beforeEvery(Context context) {
    SecurityHeaders.apply(context::header);
    String name = context.req().getServerName();
    if (loopbackOnly && !isLoopbackName(name)) {
      throw ProblemException.of(
          ProblemKind.MISDIRECTED,
          "expected a loopback name such as localhost or 127.0.0.1, got "
              + Problem.quote(name)
              + "; to serve other names bind console.host to another address");
    }
  }

  /** Runs before a request for which there is a route. */
  public void beforeMatched(Context context) {
    if (WITH_BODY.contains(context.method()) && !isJson(context.contentType())) {
      String actual = context.contentType();
      throw ProblemException.of(
          ProblemKind.MEDIA_TYPE_UNSUPPORTED,
          "expected Content-Type: application/json, got "
              + (actual == null ? "none" : Problem.quote(actual)));
    }
  }

  private boolean isLoopbackName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return LOOPBACK_NAMES.contains(lower)
        || lower.equals(boundHost)
        || lower.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }

  private static boolean isJson(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    int parameters = contentType.indexOf(';');
    String mediaType = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return mediaType.trim().equalsIgnoreCase("application/json");
  }
}
