package io.takhin.broker.demo;

import java.util.Map;

/**
 * What the demo did and found.
 *
 * @param archivedSegments segments whose only copy was in the bucket before the reading began
 * @param localLogsLeft files of sealed segments still in the log's directories then; expected 0
 * @param requests requests to S3 by operation
 * @param producedDigest over all records in order, see {@link RecordDigest}
 * @param readDigest equal to producedDigest if everything came back
 */
public record DemoResult(
    long records,
    long bytes,
    long sealedSegments,
    long archivedSegments,
    long localLogsLeft,
    double produceSeconds,
    double archiveSeconds,
    double readSeconds,
    long bytesUploaded,
    long bytesDownloaded,
    Map<String, Long> requests,
    String producedDigest,
    String readDigest) {

  public boolean passed() {
    return producedDigest.equals(readDigest)
        && archivedSegments == sealedSegments
        && localLogsLeft == 0;
  }
}
