package io.takhin.console.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ends a request with a problem. It carries no stack trace: the problem is all there is to say. */
public final class ProblemException extends RuntimeException {
  private final ProblemKind kind;
  private final String detail;
  private final @Nullable String segmentPath;
  private final transient Map<String, String> headers;

  private ProblemException(
      ProblemKind kind,
      String detail,
      @Nullable String segmentPath,
      Map<String, String> headers,
      @Nullable Throwable cause) {
    super(kind.title() + ": " + detail, cause, false, false);
    this.kind = kind;
    this.detail = detail;
    this.segmentPath = segmentPath;
    this.headers = Map.copyOf(headers);
  }

  public static ProblemException of(ProblemKind kind, String detail) {
    return new ProblemException(kind, detail, null, Map.of(), null);
  }

  static ProblemException of(ProblemKind kind, String detail, @Nullable Throwable cause) {
    return new ProblemException(kind, detail, null, Map.of(), cause);
  }

  /** The same problem, said of a segment. */
  public ProblemException aboutSegment(String path) {
    return new ProblemException(kind, detail, path, headers, getCause());
  }

  /** The same problem, with a header such as {@code Retry-After} or {@code Allow}. */
  public ProblemException withHeader(String name, String value) {
    return new ProblemException(kind, detail, segmentPath, Map.of(name, value), getCause());
  }

  public ProblemKind kind() {
    return kind;
  }

  /** The problem as an answer to the request at the given path. */
  public Problem toProblem(String instance) {
    return Problem.of(kind, detail, instance, segmentPath);
  }

  Map<String, String> headers() {
    return headers;
  }
}
