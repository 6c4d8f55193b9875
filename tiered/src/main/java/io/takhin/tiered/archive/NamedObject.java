package io.takhin.tiered.archive;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;

/** What an object below the prefix is, as its key says. */
sealed interface NamedObject {

  /** Belongs to a segment. */
  sealed interface OfSegment extends NamedObject {
    SegmentId id();
  }

  /** One of the segment's files. */
  record File(SegmentId id, FileKind kind) implements OfSegment {}

  /** Describes the segment; its appearance was the commit. */
  record ManifestObject(SegmentId id) implements OfSegment {}

  /** Says that the segment is to go. */
  record Tombstone(SegmentId id) implements OfSegment {}

  /** One of the archiver's own objects, which belong to no segment. */
  record Own() implements NamedObject {}

  /** Nothing that this program writes. */
  record Foreign() implements NamedObject {}
}
