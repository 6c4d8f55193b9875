package io.takhin.config;

/** Whether the bucket stands in the path of a URL; {@code AUTO} asks which server it is. */
enum PathStyle {
  TRUE,
  FALSE,
  AUTO;

  boolean resolve(S3Endpoint endpoint) {
    return this == AUTO ? !(endpoint instanceof S3Endpoint.Aws) : this == TRUE;
  }
}
