package io.takhin.tiered.store;

import java.util.Locale;

/** The requests of an {@link ObjectStore}, apart because they cost and fail differently. */
public enum StoreOperation {
  PUT,
  CREATE_MULTIPART,
  PUT_PART,
  COMPLETE,
  ABORT,
  COPY,
  COPY_PART,
  HEAD,
  GET,
  DELETE,
  LIST,
  LIST_UPLOADS;

  /** For messages, and the tag of a metric. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
