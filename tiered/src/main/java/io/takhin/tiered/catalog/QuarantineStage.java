package io.takhin.tiered.catalog;

import java.util.Arrays;
import java.util.Locale;

/** What was being done with a segment when it failed. */
public enum QuarantineStage {
  /** Bringing it into the bucket. */
  ARCHIVE,
  /** Freeing its local files. */
  RECLAIM,
  /** Removing its objects. */
  DELETE,
  /** Reading it from the bucket. */
  READ,
  /** Comparing bucket, catalog and local files. */
  VERIFY;

  /** As it is written in files, metrics and answers. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static QuarantineStage of(String label) {
    return Arrays.stream(values())
        .filter(stage -> stage.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown stage: expected one of "
                        + Arrays.stream(values()).map(QuarantineStage::label).toList()
                        + ", got '"
                        + label
                        + "'"));
  }
}
