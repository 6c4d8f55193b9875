package io.takhin.broker.log;

import io.takhin.broker.tiering.SealedSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.storage.internals.log.LogFileUtils;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.UnifiedLog;

/** Finds the files of a sealed segment. */
final class SealedFiles {
  private static final String SNAPSHOT = ".snapshot";
  private static final List<String> SUFFIXES =
      List.of(".log", ".index", ".timeindex", ".txnindex", SNAPSHOT);

  private SealedFiles() {}

  /** Describes a segment that is flushed but for its snapshot, which Kafka writes on its own. */
  static SealedSegment of(UnifiedLog log, LogSegment segment, long endOffset) throws IOException {
    String base = LogFileUtils.filenamePrefixFromOffset(segment.baseOffset());
    List<Path> files = new ArrayList<>();
    for (String suffix : SUFFIXES) {
      Path file = log.dir().toPath().resolve(base + suffix);
      if (Files.exists(file)) {
        if (suffix.equals(SNAPSHOT)) {
          log.flushProducerStateSnapshot(file);
        }
        files.add(file);
      }
    }
    return new SealedSegment(
        log.topicPartition(),
        segment.baseOffset(),
        endOffset,
        files,
        segment.size(),
        Instant.ofEpochMilli(segment.lastModified()),
        segment.largestRecordTimestamp().orElse(-1));
  }
}
