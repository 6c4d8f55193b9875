package io.takhin.kafka.fetch;

import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.tiered.read.ObjectReads.ProvedLog;
import io.takhin.tiered.transfer.ObjectProof;

/**
 * A segment that is in the bucket.
 *
 * @param layout where its objects are and what they have to be
 * @param endOffset behind its last record, where the next segment begins
 */
public record RemoteSegment(RemoteSegmentId id, SegmentLayout layout, long endOffset) {
  /** Its objects, as the reads know them. */
  public ProvedLog proved() {
    ObjectStem stem = id.stem(layout.prefix());
    RemoteIndexes indexes = layout.indexes();
    return new ProvedLog(
        id.segment(),
        new ObjectProof(stem.log(), indexes.logBytes(), indexes.logChecksum()),
        new ObjectProof(stem.indexes(), indexes.totalBytes(), layout.indexesChecksum()));
  }
}
