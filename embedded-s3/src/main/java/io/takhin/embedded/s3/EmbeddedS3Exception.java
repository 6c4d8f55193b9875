package io.takhin.embedded.s3;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The embedded S3 server did not start; the message says why and what to do about it. */
public final class EmbeddedS3Exception extends IOException {
  EmbeddedS3Exception(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
