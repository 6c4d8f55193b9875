package io.takhin.console.http;

/**
 * Every way a request can fail. The slug is what a program reacts to: it ends the problem's {@code
 * type} and does not change between versions.
 */
public enum ProblemKind {
  INVALID_REQUEST(400, "invalid-request", "The request is not valid"),
  INVALID_SEGMENT_PATH(400, "invalid-segment-path", "The segment path is not valid"),
  ROUTE_UNKNOWN(404, "route-unknown", "There is nothing at this address"),
  NOT_OFFERED(404, "not-offered", "This console does not offer it"),
  SEGMENT_UNKNOWN(404, "segment-unknown", "The segment is not known"),
  OPERATION_UNKNOWN(404, "operation-unknown", "The operation is not known"),
  TRANSFER_UNKNOWN(404, "transfer-unknown", "The transfer is not known"),
  HOLD_UNKNOWN(404, "hold-unknown", "The hold is not known"),
  METHOD_NOT_ALLOWED(405, "method-not-allowed", "The method is not allowed here"),
  SEGMENT_BUSY(409, "segment-busy", "The segment cannot move now"),
  HELD(409, "held", "A hold keeps it"),
  HOLD_CONFLICT(409, "hold-conflict", "The hold cannot be changed now"),
  ANOTHER_WRITER(409, "another-writer", "Another cluster's segment is at this place"),
  WRITER_STOPPED(409, "writer-stopped", "Another process writes to this prefix"),
  TRANSFER_CANCELLED(409, "transfer-cancelled", "The transfer was cancelled"),
  BODY_TOO_LARGE(413, "body-too-large", "The request body is too large"),
  MEDIA_TYPE_UNSUPPORTED(415, "media-type-unsupported", "The request body is not JSON"),
  MISDIRECTED(421, "host-not-allowed", "The Host header does not name this console"),
  TOO_MANY_REQUESTS(429, "too-many-requests", "Too much is under way"),
  INTERNAL(500, "internal-error", "The server failed"),
  LOCAL_IO(500, "local-io-failed", "The local files could not be read or written"),
  STORE_REJECTED(502, "store-rejected", "The object store refused the request"),
  STORE_DAMAGED(502, "store-damaged", "The object store does not hold what it promised"),
  STORE_UNAVAILABLE(503, "store-unavailable", "The object store cannot be reached"),
  CATALOG_UNWRITABLE(503, "catalog-unwritable", "The catalog cannot be written"),
  TIERED_OFF(503, "tiered-off", "Tiered storage is off"),
  STOPPING(503, "stopping", "The server is stopping"),
  DISK_FULL(507, "disk-full", "The local disk has no room");

  private static final String TYPE_PREFIX = "urn:takhin:problem:";

  private final int status;
  private final String slug;
  private final String title;

  ProblemKind(int status, String slug, String title) {
    this.status = status;
    this.slug = slug;
    this.title = title;
  }

  public int status() {
    return status;
  }

  /** A URI that identifies the kind; it is a name and does not resolve. */
  public String type() {
    return TYPE_PREFIX + slug;
  }

  public String title() {
    return title;
  }
}
