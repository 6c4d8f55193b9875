package io.takhin.tiered.verify;

import java.util.Locale;

/** What can be wrong. */
public enum FindingKind {
  /** The receipt names an object that the bucket does not have. */
  OBJECT_MISSING,
  /** An object has another size than the receipt says. */
  OBJECT_SIZE,
  /** The store's checksum of an object is another than the receipt's. */
  OBJECT_CHECKSUM,
  /** The store keeps no checksum of an object, so it cannot be compared without reading it. */
  OBJECT_UNPROVED,
  /** An object's bytes have another checksum than the store and the receipt say. */
  OBJECT_CONTENT,
  /** An object that no manifest, no live intent and no tombstone names. */
  OBJECT_EXTRA,
  /** An object or a file that could not be read, for reasons of its own. */
  UNREADABLE,
  /** A proved segment has no manifest. */
  MANIFEST_MISSING,
  /** What stands at the manifest's key is none. */
  MANIFEST_UNREADABLE,
  /** The manifest says something else than the receipt. */
  MANIFEST_DIFFERS,
  /** The log in the bucket is as it was proved, and holds batches that are damaged or misplaced. */
  LOG_INVALID,
  /** An index in the bucket is as it was proved, and does not fit the log. */
  INDEX_INVALID,
  /** The catalog has a segment with files here, and its log is not here. */
  LOCAL_MISSING,
  /** A local log has another size than the catalog says. */
  LOCAL_SIZE,
  /** A local file has another checksum than the receipt says. */
  LOCAL_CONTENT,
  /** A local log that nothing proves holds batches that are damaged or misplaced. */
  LOCAL_LOG_INVALID,
  /** A local index is missing or does not fit the log. */
  LOCAL_INDEX_INVALID,
  /** The catalog's own numbers contradict each other. */
  CATALOG_SIZE;

  /** The name in answers and metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
