package io.takhin.tiered.segment;

/**
 * Every change of a segment that outlives the process, in the order in which a segment's life
 * passes them. The code makes each of them through {@link StepObserver#around}, so a test that
 * walks these values crashes the archiver at every place where a crash can be told from another.
 */
public enum DurableStep {
  /** The catalog knows that objects may exist from now on. */
  RECORD_INTENT,
  /** One file of the segment becomes an object. */
  UPLOAD_FILE,
  /** The commit point: the manifest names the objects. */
  CREATE_MANIFEST,
  /** The catalog holds the proof. */
  RECORD_RECEIPT,
  /** The files leave this machine. */
  FREE_LOCAL_FILES,
  /** The catalog knows that the bucket holds the only copy. */
  RECORD_RECLAIM,
  /** One file comes back under its final name. */
  PLACE_RESTORED_FILE,
  /** The catalog knows that the segment can be read here again. */
  RECORD_RESTORE,
  /** The bucket was found without what had been proved, and the catalog takes the proof back. */
  RECORD_REFUTE,
  /** Objects of an attempt that did not commit are removed. */
  REMOVE_PARTIAL_OBJECTS,
  /** The catalog gives an attempt up. */
  RECORD_ABANDON,
  /** The catalog knows that the segment is to go for good. */
  RECORD_DELETE,
  /** The restored files of a segment that is to go for good are deleted. */
  DROP_RESTORED_FILES,
  /** The manifest goes first, so that no manifest ever names objects that were deleted. */
  REMOVE_MANIFEST,
  /** One object of a segment that is to go for good is removed. */
  REMOVE_FILE,
  /** The catalog forgets the segment. */
  RECORD_FORGET
}
