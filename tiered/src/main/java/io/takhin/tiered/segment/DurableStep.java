package io.takhin.tiered.segment;

/**
 * Every change of a segment that outlives the process, in the order in which a segment's life
 * passes them. The code makes each of them through {@link StepObserver#around}, so a test that
 * walks these values crashes the archiver at every place where a crash can be told from another.
 */
public enum DurableStep {
  /** The catalog knows which epoch of its prefix it is going to take; concerns no segment. */
  RECORD_WRITER,
  /** The prefix is taken: an object that nobody else can create says so. */
  CREATE_EPOCH,
  /** The epoch of a former start is removed. */
  REMOVE_EPOCH,
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
  /** The catalog knows that the segment is given up; from then on readers may pass over it. */
  RECORD_GAP,
  /** The files of a segment that is given up leave this machine, and with them its only copy. */
  SHED_LOCAL_FILES,
  /** A segment that was given up turned out to be there, and is no gap any more. */
  CLOSE_GAP,
  /** The bucket knows of the gap, or forgets one that is closed. */
  PUBLISH_GAP,
  /** The bucket was found without what had been proved, and the catalog takes the proof back. */
  RECORD_REFUTE,
  /** An object that was found lost or damaged is written again. */
  REPAIR_OBJECT,
  /** A manifest that was found lost or wrong is written again. */
  REPAIR_MANIFEST,
  /** The catalog's proof is replaced by one of the same log, after its indexes were made anew. */
  RECORD_AMEND,
  /** A local file that was found lost or damaged is replaced under its name. */
  REPAIR_LOCAL_FILE,
  /** Objects of an attempt that did not commit are removed. */
  REMOVE_PARTIAL_OBJECTS,
  /** The catalog gives an attempt up. */
  RECORD_ABANDON,
  /** The catalog knows that the segment is to go for good. */
  RECORD_DELETE,
  /** The bucket says so as well, where the objects stay for a time. */
  WRITE_TOMBSTONE,
  /** The catalog knows that, or, on the way back, knows it no longer. */
  RECORD_TOMBSTONE,
  /** The bucket says no longer that the segment is deleted: it comes back, or is gone. */
  REMOVE_TOMBSTONE,
  /** The catalog knows that the segment is to stay after all. */
  RECORD_UNDELETE,
  /** The restored files of a segment that is to go for good are deleted. */
  DROP_RESTORED_FILES,
  /** The manifest goes first, so that no manifest ever names objects that were deleted. */
  REMOVE_MANIFEST,
  /** One object of a segment that is to go for good is removed. */
  REMOVE_FILE,
  /** The catalog forgets the segment. */
  RECORD_FORGET,
  /** The bucket keeps what a hold covers; these four come with the first record it covers. */
  WRITE_HOLD,
  /** The catalog knows the hold, which is in force from then on. */
  RECORD_HOLD,
  /** The bucket no longer has the hold. */
  REMOVE_HOLD,
  /** The catalog no longer has it, and it is over. */
  RECORD_RELEASE,
  /** The catalog knows that the segment failed by itself, and how often. */
  RECORD_FAILURE,
  /** The catalog no longer holds a failure against the segment. */
  RECORD_FAILURE_OVER,
  /** An object that belongs to nothing is removed. */
  REMOVE_ORPHAN,
  /** An upload that nobody is going to complete is aborted, and its parts go. */
  ABORT_UPLOAD,
  /** A catalog that was rebuilt from the bucket takes its place; concerns no single segment. */
  PLACE_CATALOG
}
