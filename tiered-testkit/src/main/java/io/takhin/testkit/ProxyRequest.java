package io.takhin.testkit;

/** A request as the proxy sees it, before its body. */
record ProxyRequest(S3Operation operation, HttpHead head) {
  static ProxyRequest of(HttpHead head) {
    return new ProxyRequest(S3Operation.of(head), head);
  }
}
