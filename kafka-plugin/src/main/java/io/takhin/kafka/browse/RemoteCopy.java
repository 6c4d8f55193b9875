package io.takhin.kafka.browse;

import io.takhin.kafka.layout.ObjectName;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoredObject;
import java.time.Instant;

/**
 * One copy of a segment, as far as a listing tells.
 *
 * @param log key of the object with the records, whether it is there or not
 * @param complete whether there is a manifest
 * @param logBytes of the object with the records; 0 if it is not there
 * @param bytes of all its objects
 * @param lastModified of the newest of them
 */
public record RemoteCopy(
    RemoteSegmentId id,
    ObjectKey log,
    boolean complete,
    long logBytes,
    long bytes,
    Instant lastModified) {
  static RemoteCopy without(ObjectName name) {
    return new RemoteCopy(name.id(), name.stem().log(), false, 0, 0, Instant.EPOCH);
  }

  RemoteCopy with(ObjectName name, StoredObject object) {
    boolean isLog = object.key().equals(log);
    boolean isManifest = object.key().equals(name.stem().manifest());
    return new RemoteCopy(
        id,
        log,
        complete || isManifest,
        isLog ? object.sizeBytes() : logBytes,
        bytes + object.sizeBytes(),
        object.lastModified().isAfter(lastModified) ? object.lastModified() : lastModified);
  }
}
