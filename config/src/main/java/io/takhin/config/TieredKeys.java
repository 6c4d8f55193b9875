package io.takhin.config;

import static io.takhin.config.ValueType.bool;
import static io.takhin.config.ValueType.bytes;
import static io.takhin.config.ValueType.choice;
import static io.takhin.config.ValueType.count;
import static io.takhin.config.ValueType.duration;
import static io.takhin.config.ValueType.durationOrForEver;
import static io.takhin.config.ValueType.folder;
import static io.takhin.config.ValueType.mebibytes;
import static io.takhin.config.ValueType.mebibytesPerSecond;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys of the log on this machine and of what moves it to S3 and back. */
final class TieredKeys {

  /** One hundred years: longer than any retention, short enough to count in nanoseconds. */
  private static final String MAX_HOURS = "876000";

  private static final String MAX_MINUTES = "52560000";

  /** In order of declaration. */
  static final List<ConfigKey<?>> ALL = new ArrayList<>();

  static final ConfigKey<Path> STORAGE_DATA_DIR =
      key(
          "storage.data.dir",
          folder(),
          "./data",
          "Folder of the partitions and of the archiver's catalog. One process at a time may use"
              + " it.");

  static final ConfigKey<Long> STORAGE_LOG_SEGMENT_BYTES =
      key(
          "storage.log.segment.bytes",
          bytes(16_384, Integer.MAX_VALUE),
          "1073741824",
          "Size at which a segment is sealed and the next one begun. A topic overrides it with its"
              + " own segment.bytes.");

  static final ConfigKey<Optional<Duration>> STORAGE_LOG_RETENTION_HOURS =
      key(
          "storage.log.retention.hours",
          durationOrForEver(HOURS, MAX_HOURS),
          "-1",
          "Age of a segment's newest record at which the segment is deleted, here and in S3. The"
              + " segment being written stays. A topic overrides it with its own retention.ms.");

  static final ConfigKey<Long> STORAGE_LOG_RETENTION_BYTES =
      key(
          "storage.log.retention.bytes",
          bytes(-1, 1L << 60),
          "-1",
          "Bytes of a partition, here and in S3 together, that are kept at least: its oldest"
              + " segments are deleted while that much remains without them. -1 is no limit. A topic"
              + " overrides it with its own retention.bytes.");

  static final ConfigKey<Boolean> TIERED_ENABLED =
      key(
          "storage.tiered.enabled",
          bool(),
          "false",
          "Move sealed segments to S3 and read them back from there.");

  static final ConfigKey<Boolean> TIERED_AUTO_ARCHIVE_ENABLED =
      key(
          "storage.tiered.auto.archive.enabled",
          bool(),
          "true",
          "Archive cold segments on a schedule. When false, only a command or a REST call"
              + " archives.");

  static final ConfigKey<Duration> TIERED_ARCHIVE_INTERVAL_MINUTES =
      key(
          "storage.tiered.archive.interval.minutes",
          duration(MINUTES, "0.001", MAX_MINUTES),
          "60",
          "Time between two runs of the policy.");

  static final ConfigKey<Duration> TIERED_WARM_AGE_HOURS =
      key(
          "storage.tiered.warm.age.hours",
          duration(HOURS, "0", MAX_HOURS),
          "72",
          "Age at which a sealed segment stops being hot and becomes warm. It stays on the local"
              + " disk. Not longer than storage.tiered.cold.age.hours.");

  static final ConfigKey<Duration> TIERED_COLD_AGE_HOURS =
      key(
          "storage.tiered.cold.age.hours",
          duration(HOURS, "0", MAX_HOURS),
          "168",
          "Age at which a sealed segment becomes cold: it is uploaded, verified, and then deleted"
              + " locally.");

  static final ConfigKey<Duration> TIERED_LOCAL_MIN_RESIDENCY_MINUTES =
      key(
          "storage.tiered.local.min.residency.minutes",
          duration(MINUTES, "0", MAX_MINUTES),
          "0",
          "How long the local files stay at least after their copy in S3 has been proved.");

  static final ConfigKey<Long> TIERED_LOCAL_CACHE_SIZE_MB =
      key(
          "storage.tiered.local.cache.size.mb",
          mebibytes(0, 1_073_741_824),
          "10240",
          "Local disk that data from S3 may take, restored segments and streamed chunks together;"
              + " the least recently or least often used goes first. 1 MB is 1,048,576 bytes.");

  static final ConfigKey<ReadMode> TIERED_READ_MODE =
      key(
          "storage.tiered.read.mode",
          choice(ReadMode.class),
          "auto",
          "How cold data is read. \"stream\" fetches the asked bytes, \"restore\" brings the whole"
              + " segment back first, \"auto\" streams and restores in the background what is read"
              + " often or nearly whole.");

  static final ConfigKey<Duration> TIERED_READ_TIMEOUT_SECONDS =
      key(
          "storage.tiered.read.timeout.seconds",
          duration(SECONDS, "0.1", "3600"),
          "20",
          "How long a fetch of cold data is held open before the client is told to try again."
              + " Bringing the data back goes on meanwhile.");

  static final ConfigKey<Integer> TIERED_READ_PARALLELISM =
      key(
          "storage.tiered.read.parallelism",
          count(1, 256),
          "16",
          "Requests to S3 at once for reads of cold data, over all readers.");

  static final ConfigKey<Long> TIERED_READ_AHEAD_MB =
      key(
          "storage.tiered.read.ahead.mb",
          mebibytes(0, 65_536),
          "128",
          "Cold data that may be fetched before it is asked for, over all readers that read in"
              + " order. 0 switches reading ahead off. 1 MB is 1,048,576 bytes.");

  static final ConfigKey<Integer> TIERED_READ_RESTORE_AFTER_READS =
      key(
          "storage.tiered.read.restore.after.reads",
          count(1, 1_000_000),
          "3",
          "In mode auto, how many times its size is served of a segment before it is restored.");

  static final ConfigKey<Integer> TIERED_READ_RESTORE_COVERAGE_PERCENT =
      key(
          "storage.tiered.read.restore.coverage.percent",
          count(1, 100),
          "80",
          "In mode auto, how much of a segment is asked for out of order before it is restored.");

  static final ConfigKey<Integer> TIERED_ARCHIVE_PARALLELISM =
      key("storage.tiered.archive.parallelism", count(1, 64), "2", "Segments archived at once.");

  static final ConfigKey<Integer> TIERED_ARCHIVE_ATTEMPTS =
      key(
          "storage.tiered.archive.attempts",
          count(1, 1_000),
          "5",
          "Failures of its own, such as an unreadable file or a refused object, with which a"
              + " segment is quarantined: left alone until somebody asks for another attempt."
              + " Between them the time doubles.");

  static final ConfigKey<Integer> TIERED_RESTORE_PARALLELISM =
      key("storage.tiered.restore.parallelism", count(1, 64), "2", "Segments restored at once.");

  static final ConfigKey<Long> TIERED_TRANSFER_PART_SIZE_MB =
      key(
          "storage.tiered.transfer.part.size.mb",
          mebibytes(5, 1_024),
          "16",
          "Size of a part of an upload and of a range of a download. Parts of a file that would have"
              + " more than 10,000 become larger by themselves. S3 takes no parts below 5 MB. 1 MB"
              + " is 1,048,576 bytes.");

  static final ConfigKey<Integer> TIERED_TRANSFER_PARALLELISM =
      key(
          "storage.tiered.transfer.parallelism",
          count(1, 256),
          "16",
          "Parts under way at once over all uploads of the process, and ranges over all its"
              + " downloads. Uploads hold at most this many parts in direct memory, but never more"
              + " than half of what the JVM allows (-XX:MaxDirectMemorySize, by default as much as"
              + " the heap); downloads hold 128 KiB each.");

  static final ConfigKey<Long> TIERED_TRANSFER_UPLOAD_LIMIT =
      key(
          "storage.tiered.transfer.upload.limit.mb.per.second",
          mebibytesPerSecond(),
          "0",
          "Limit on what all uploads together send to S3; 0 is none. It holds over parts: each"
              + " waits for its turn and then goes at full speed. Can be changed while the broker"
              + " runs, until its next start. 1 MB is 1,048,576 bytes.");

  static final ConfigKey<Long> TIERED_TRANSFER_DOWNLOAD_LIMIT =
      key(
          "storage.tiered.transfer.download.limit.mb.per.second",
          mebibytesPerSecond(),
          "0",
          "Limit on what all downloads together take from S3; 0 is none. Can be changed while the"
              + " broker runs, until its next start. 1 MB is 1,048,576 bytes.");

  static final ConfigKey<OutagePolicy> TIERED_OUTAGE_POLICY =
      key(
          "storage.tiered.outage.policy",
          choice(OutagePolicy.class),
          "hold",
          "What gives way when the disk fills because S3 does not take segments. \"hold\" refuses"
              + " writes at the full mark, \"backpressure\" slows producers from the high mark on"
              + " as well, \"shed\" drops the oldest local data at the full mark and records the"
              + " gap.");

  static final ConfigKey<Integer> TIERED_DISK_LOW_PERCENT =
      key(
          "storage.tiered.disk.low.percent",
          count(1, 100),
          "80",
          "Use of the data directory's file system from which on segments are archived ahead of"
              + " their age. Below storage.tiered.disk.high.percent.");

  static final ConfigKey<Integer> TIERED_DISK_HIGH_PERCENT =
      key(
          "storage.tiered.disk.high.percent",
          count(1, 100),
          "90",
          "Use from which on \"backpressure\" slows producers, and below which \"shed\" stops."
              + " Below storage.tiered.disk.full.percent.");

  static final ConfigKey<Integer> TIERED_DISK_FULL_PERCENT =
      key(
          "storage.tiered.disk.full.percent",
          count(1, 100),
          "97",
          "Use from which on writes are refused, with an error that clients retry. Reads and"
              + " commits go on.");

  static final ConfigKey<Duration> TIERED_SWEEP_INTERVAL_HOURS =
      key(
          "storage.tiered.sweep.interval.hours",
          duration(HOURS, "0", MAX_HOURS),
          "24",
          "Time between two sweeps, which remove from the bucket what nothing names: objects without"
              + " a manifest, and uploads that nobody is going to complete. 0 sweeps on command"
              + " only.");

  static final ConfigKey<Duration> TIERED_SWEEP_GRACE_HOURS =
      key(
          "storage.tiered.sweep.grace.hours",
          duration(HOURS, "0", MAX_HOURS),
          "24",
          "Age, by the store's clock, at which a sweep may remove what nothing names. It has to be"
              + " longer than the upload of any segment to this prefix takes, by whatever"
              + " process.");

  static final ConfigKey<Duration> TIERED_DELETE_DELAY_HOURS =
      key(
          "storage.tiered.delete.delay.hours",
          duration(HOURS, "0", MAX_HOURS),
          "0",
          "How long the objects of a deleted segment stay in S3, whoever deleted it: retention, a"
              + " request, or the deletion of its topic. Until then \"takhin undelete\" brings it"
              + " back. 0 removes them at once.");

  static final ConfigKey<Duration> TIERED_VERIFY_INTERVAL_HOURS =
      key(
          "storage.tiered.verify.interval.hours",
          duration(HOURS, "0", MAX_HOURS),
          "168",
          "Time from the begin of one background verification of everything to that of the next,"
              + " if the limits below leave enough for it. 0 switches it off. It reports and never"
              + " repairs; a command or a REST call does.");

  static final ConfigKey<Integer> TIERED_VERIFY_REQUESTS_PER_DAY =
      key(
          "storage.tiered.verify.requests.per.day",
          count(0, 1_000_000_000),
          "50000",
          "Requests to S3 that the background verification may send in a day; 0 is no limit.");

  static final ConfigKey<Long> TIERED_VERIFY_MB_PER_DAY =
      key(
          "storage.tiered.verify.mb.per.day",
          mebibytes(0, 1_073_741_824),
          "20480",
          "What the background verification may read in a day, from S3 and from local disks"
              + " together; 0 is no limit. 1 MB is 1,048,576 bytes.");

  static final ConfigKey<Integer> TIERED_VERIFY_LEVEL =
      key(
          "storage.tiered.verify.level",
          count(0, 2),
          "1",
          "How deep the background verification looks. 0 compares the bucket's listing with the"
              + " catalog, 1 also sizes, checksums, manifests and local files, 2 also downloads every"
              + " object and compares batches and indexes.");

  private TieredKeys() {}

  private static <T> ConfigKey<T> key(
      String name, ValueType<T> type, String defaultText, String description, String... aliases) {
    return ConfigKeys.in(ALL, name, type, defaultText, description, aliases);
  }
}
