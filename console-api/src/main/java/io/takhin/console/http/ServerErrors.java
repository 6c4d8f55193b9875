package io.takhin.console.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the HTTP server refuses before a route is looked for (a malformed request line, an
 * ambiguous path, a header that is too long), as a problem like all others.
 */
public final class ServerErrors extends ErrorHandler {
  private static final int FIRST_SERVER_ERROR = 500;

  /** What Jetty puts in place of a path it could not read. */
  private static final String UNREADABLE = "/badMessage";

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    SecurityHeaders.apply(response.getHeaders()::put);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
    HttpURI uri = request.getHttpURI();
    String path = uri == null || uri.getPath() == null ? "" : uri.getPath();
    if (path.equals(UNREADABLE)) {
      path = "";
    }
    response.write(true, ByteBuffer.wrap(body(code, message, path)), callback);
  }

  private static byte[] body(int status, @Nullable String reason, String path) {
    ProblemKind kind =
        status < FIRST_SERVER_ERROR ? ProblemKind.INVALID_REQUEST : ProblemKind.INTERNAL;
    // A server error's message may quote an exception that was not written for callers.
    String detail =
        status < FIRST_SERVER_ERROR && reason != null ? reason : "the request cannot be served";
    Problem problem = Problem.of(kind, detail, path, null);
    return Json.bytes(
        new Problem(
            problem.type(), problem.title(), status, problem.detail(), problem.instance(), null));
  }
}
