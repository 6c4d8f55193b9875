package io.takhin.tiered.store.metered;

import java.util.Locale;

/** The requests that are counted apart; a tag value each, since they cost differently. */
enum StoreOperation {
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

  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
