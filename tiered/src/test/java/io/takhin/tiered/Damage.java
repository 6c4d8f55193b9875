package io.takhin.tiered;

import static io.takhin.tiered.DamageScene.ARCHIVED;
import static io.takhin.tiered.DamageScene.LOCAL;
import static io.takhin.tiered.DamageScene.REMOTE;
import static io.takhin.tiered.DamageScene.RESTORED;
import static io.takhin.tiered.DamageScene.SPARSE;
import static io.takhin.tiered.DamageScene.key;
import static io.takhin.tiered.verify.Finding.Outcome.QUARANTINED;
import static io.takhin.tiered.verify.Finding.Outcome.REPAIRED;
import static io.takhin.tiered.verify.Finding.Outcome.REPORTED;
import static io.takhin.tiered.verify.FindingKind.CATALOG_SIZE;
import static io.takhin.tiered.verify.FindingKind.INDEX_INVALID;
import static io.takhin.tiered.verify.FindingKind.LOCAL_CONTENT;
import static io.takhin.tiered.verify.FindingKind.LOCAL_INDEX_INVALID;
import static io.takhin.tiered.verify.FindingKind.LOCAL_LOG_INVALID;
import static io.takhin.tiered.verify.FindingKind.LOCAL_MISSING;
import static io.takhin.tiered.verify.FindingKind.LOCAL_SIZE;
import static io.takhin.tiered.verify.FindingKind.LOG_INVALID;
import static io.takhin.tiered.verify.FindingKind.MANIFEST_DIFFERS;
import static io.takhin.tiered.verify.FindingKind.MANIFEST_MISSING;
import static io.takhin.tiered.verify.FindingKind.MANIFEST_UNREADABLE;
import static io.takhin.tiered.verify.FindingKind.OBJECT_CHECKSUM;
import static io.takhin.tiered.verify.FindingKind.OBJECT_CONTENT;
import static io.takhin.tiered.verify.FindingKind.OBJECT_EXTRA;
import static io.takhin.tiered.verify.FindingKind.OBJECT_MISSING;
import static io.takhin.tiered.verify.FindingKind.OBJECT_SIZE;
import static io.takhin.tiered.verify.Level.CHECKSUMS;
import static io.takhin.tiered.verify.Level.CONTENT;
import static io.takhin.tiered.verify.Level.LISTING;

import com.google.errorprone.annotations.Immutable;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.verify.Finding.Outcome;
import io.takhin.tiered.verify.FindingKind;
import io.takhin.tiered.verify.Level;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;

/**
 * Everything that is known to go wrong in a bucket and on a disk: how it is done, the lowest level
 * that finds it, what that says, and what a repair makes of it.
 */
enum Damage {
  MISSING_LOG_OF_RESTORED(LISTING, OBJECT_MISSING, REPAIRED, s -> s.delete(key(RESTORED, "log"))),
  MISSING_LOG_OF_ARCHIVED(LISTING, OBJECT_MISSING, REPAIRED, s -> s.delete(key(ARCHIVED, "log"))),
  MISSING_LOG_OF_THE_ONLY_COPY(
      LISTING, OBJECT_MISSING, QUARANTINED, s -> s.delete(key(REMOTE, "log"))),
  MISSING_INDEX(LISTING, OBJECT_MISSING, REPAIRED, s -> s.delete(key(REMOTE, "index"))),
  MISSING_TIMEINDEX(LISTING, OBJECT_MISSING, REPAIRED, s -> s.delete(key(REMOTE, "timeindex"))),
  MISSING_READINDEX(LISTING, OBJECT_MISSING, REPAIRED, s -> s.delete(key(REMOTE, "readindex"))),
  MISSING_INDEX_AND_ITS_COPY(
      LISTING,
      OBJECT_MISSING,
      REPAIRED,
      s -> {
        s.delete(key(REMOTE, "index"));
        s.delete(key(REMOTE, "readindex"));
      }),
  MISSING_INDEXES_THAT_CANNOT_BE_HAD_AS_THEY_WERE(
      LISTING,
      OBJECT_MISSING,
      REPAIRED,
      s -> {
        s.delete(key(SPARSE, "index"));
        s.delete(key(SPARSE, "timeindex"));
        s.delete(key(SPARSE, "readindex"));
      }),
  MISSING_MANIFEST(
      LISTING, MANIFEST_MISSING, REPAIRED, s -> s.delete(key(REMOTE, "manifest.json"))),
  MISSING_EVERYTHING(
      LISTING,
      OBJECT_MISSING,
      REPAIRED,
      s -> {
        for (String extension : new String[] {"log", "index", "timeindex", "readindex"}) {
          s.delete(key(RESTORED, extension));
        }
        s.delete(key(RESTORED, "manifest.json"));
      }),
  TRUNCATED_LOG(
      LISTING,
      OBJECT_SIZE,
      REPAIRED,
      s -> s.put(key(RESTORED, "log"), Arrays.copyOf(s.original(RESTORED), 100_000))),
  TRUNCATED_INDEX(LISTING, OBJECT_SIZE, REPAIRED, s -> s.put(key(REMOTE, "index"), new byte[16])),
  TRUNCATED_BEHIND_THE_STORE(CONTENT, OBJECT_CONTENT, REPAIRED, s -> s.cut(key(RESTORED, "log"))),
  FLIPPED_LOG(CHECKSUMS, OBJECT_CHECKSUM, REPAIRED, s -> s.flipWithChecksum(key(RESTORED, "log"))),
  FLIPPED_LOG_OF_THE_ONLY_COPY(
      CHECKSUMS, OBJECT_CHECKSUM, QUARANTINED, s -> s.flipWithChecksum(key(REMOTE, "log"))),
  FLIPPED_INDEX(
      CHECKSUMS, OBJECT_CHECKSUM, REPAIRED, s -> s.flipWithChecksum(key(REMOTE, "index"))),
  FLIPPED_TIMEINDEX(
      CHECKSUMS, OBJECT_CHECKSUM, REPAIRED, s -> s.flipWithChecksum(key(REMOTE, "timeindex"))),
  FLIPPED_READINDEX(
      CHECKSUMS, OBJECT_CHECKSUM, REPAIRED, s -> s.flipWithChecksum(key(REMOTE, "readindex"))),
  ROTTEN_LOG(CONTENT, OBJECT_CONTENT, REPAIRED, s -> s.rot(key(RESTORED, "log"))),
  ROTTEN_LOG_OF_THE_ONLY_COPY(CONTENT, OBJECT_CONTENT, QUARANTINED, s -> s.rot(key(REMOTE, "log"))),
  ROTTEN_INDEX(CONTENT, OBJECT_CONTENT, REPAIRED, s -> s.rot(key(REMOTE, "index"))),
  ROTTEN_TIMEINDEX(CONTENT, OBJECT_CONTENT, REPAIRED, s -> s.rot(key(REMOTE, "timeindex"))),
  ROTTEN_READINDEX(CONTENT, OBJECT_CONTENT, REPAIRED, s -> s.rot(key(REMOTE, "readindex"))),
  SWAPPED_LOGS(
      LISTING,
      OBJECT_SIZE,
      REPAIRED,
      s -> {
        s.put(key(RESTORED, "log"), s.original(ARCHIVED));
        s.put(key(ARCHIVED, "log"), s.original(RESTORED));
      }),
  SWAPPED_INDEXES_OF_ONE_SEGMENT(
      LISTING,
      OBJECT_SIZE,
      REPAIRED,
      s -> {
        byte[] index = s.object(key(REMOTE, "index"));
        s.put(key(REMOTE, "index"), s.object(key(REMOTE, "timeindex")));
        s.put(key(REMOTE, "timeindex"), index);
      }),
  OLD_VERSION(
      CHECKSUMS,
      OBJECT_CHECKSUM,
      REPAIRED,
      s -> {
        byte[] older = s.object(key(REMOTE, "index"));
        Arrays.fill(older, older.length - 16, older.length, (byte) 0);
        s.put(key(REMOTE, "index"), older);
      }),
  FOREIGN_OBJECT(
      CHECKSUMS,
      OBJECT_CHECKSUM,
      REPAIRED,
      s -> s.put(key(RESTORED, "log"), new byte[s.original(RESTORED).length])),
  FOREIGN_SEGMENT(
      LISTING,
      OBJECT_SIZE,
      QUARANTINED,
      s -> {
        byte[] theirs = new byte[5000];
        s.put(key(RESTORED, "log"), theirs);
        String manifest = s.text(key(RESTORED, "manifest.json"));
        String log = "\"name\" : \"" + RESTORED.fileStem() + ".log\",";
        int at = manifest.indexOf(log) + log.length();
        int end = manifest.indexOf('}', at);
        String checksum = Crc32c.of(ByteBuffer.wrap(theirs)).base64();
        s.putText(
            key(RESTORED, "manifest.json"),
            manifest.substring(0, at)
                + " \"sizeBytes\" : 5000, \"crc32c\" : \""
                + checksum
                + "\" "
                + manifest.substring(end));
      }),
  INDEX_THAT_WAS_WRONG_WHEN_IT_WAS_PROVED(
      CONTENT, INDEX_INVALID, REPAIRED, s -> s.archiveWrong(FileKind.INDEX)),
  TIMEINDEX_THAT_WAS_WRONG_WHEN_IT_WAS_PROVED(
      CONTENT, INDEX_INVALID, REPAIRED, s -> s.archiveWrong(FileKind.TIMEINDEX)),
  READINDEX_WITH_WRONG_CHECKSUM_WHEN_IT_WAS_PROVED(
      CONTENT, INDEX_INVALID, REPAIRED, s -> s.proveWrongReadIndex(ReadIndex::checksumsAt)),
  READINDEX_WITH_ANOTHER_INDEX_WHEN_IT_WAS_PROVED(
      CONTENT, INDEX_INVALID, REPAIRED, s -> s.proveWrongReadIndex(ReadIndex::offsetIndexAt)),
  READINDEX_WITH_ANOTHER_TIMEINDEX_WHEN_IT_WAS_PROVED(
      CONTENT, INDEX_INVALID, REPAIRED, s -> s.proveWrongReadIndex(ReadIndex::timeIndexAt)),
  LOG_THAT_WAS_DAMAGED_WHEN_IT_WAS_PROVED(
      CONTENT, LOG_INVALID, QUARANTINED, s -> s.archiveWrong(FileKind.LOG)),
  EXTRA_OBJECT(LISTING, OBJECT_EXTRA, REPORTED, s -> s.put(key(REMOTE, "snapshot"), new byte[10])),
  EXTRA_OBJECT_OF_NO_SEGMENT(
      LISTING,
      OBJECT_EXTRA,
      REPORTED,
      s -> s.put(new ObjectKey("cluster/gone-7/00000000000000000000.log"), new byte[10])),
  MANIFEST_OF_ANOTHER_SEGMENT(
      CHECKSUMS,
      MANIFEST_DIFFERS,
      REPAIRED,
      s -> s.put(key(REMOTE, "manifest.json"), s.object(key(ARCHIVED, "manifest.json"))),
      MANIFEST_UNREADABLE),
  MANIFEST_OF_GARBAGE(
      CHECKSUMS,
      MANIFEST_UNREADABLE,
      REPAIRED,
      s -> s.putText(key(REMOTE, "manifest.json"), "{ \"format\" : 2, \"wri")),
  MANIFEST_WITH_WRONG_SIZE(
      CHECKSUMS,
      MANIFEST_DIFFERS,
      REPAIRED,
      s ->
          s.putText(
              key(REMOTE, "manifest.json"),
              s.text(key(REMOTE, "manifest.json"))
                  .replace(
                      "\"sizeBytes\" : " + s.segment(REMOTE).sizeBytes(),
                      "\"sizeBytes\" : " + (s.segment(REMOTE).sizeBytes() + 1)))),
  MANIFEST_WITH_WRONG_CHECKSUM(
      CHECKSUMS,
      MANIFEST_DIFFERS,
      REPAIRED,
      s ->
          s.putText(
              key(REMOTE, "manifest.json"),
              s.text(key(REMOTE, "manifest.json"))
                  .replace(
                      s.segment(REMOTE).state().receipt().orElseThrow().log().checksum().base64(),
                      "AAAAAA=="))),
  MANIFEST_WITH_WRONG_OFFSET(
      CHECKSUMS,
      MANIFEST_DIFFERS,
      REPAIRED,
      s ->
          s.putText(
              key(REMOTE, "manifest.json"),
              s.text(key(REMOTE, "manifest.json"))
                  .replace(
                      "\"endOffset\" : " + s.segment(REMOTE).endOffset(), "\"endOffset\" : 5"))),
  LOCAL_LOG_FLIPPED_OF_RESTORED(
      CHECKSUMS, LOCAL_CONTENT, REPAIRED, s -> s.flipFile(RESTORED, FileKind.LOG)),
  LOCAL_LOG_FLIPPED_OF_ARCHIVED(
      CHECKSUMS, LOCAL_CONTENT, REPAIRED, s -> s.flipFile(ARCHIVED, FileKind.LOG)),
  LOCAL_LOG_FLIPPED_OF_THE_ONLY_COPY(
      CONTENT, LOCAL_LOG_INVALID, QUARANTINED, s -> s.flipFile(LOCAL, FileKind.LOG)),
  LOCAL_LOG_TRUNCATED(
      CHECKSUMS,
      LOCAL_SIZE,
      REPAIRED,
      s ->
          Files.write(
              s.file(ARCHIVED, FileKind.LOG), Arrays.copyOf(s.original(ARCHIVED), 100_000))),
  LOCAL_LOG_TRUNCATED_OF_THE_ONLY_COPY(
      CHECKSUMS,
      LOCAL_SIZE,
      QUARANTINED,
      s -> Files.write(s.file(LOCAL, FileKind.LOG), Arrays.copyOf(s.original(LOCAL), 100_000))),
  LOCAL_LOG_MISSING(
      CHECKSUMS, LOCAL_MISSING, REPAIRED, s -> Files.delete(s.file(ARCHIVED, FileKind.LOG))),
  LOCAL_INDEX_GARBAGE(
      CHECKSUMS,
      LOCAL_INDEX_INVALID,
      REPAIRED,
      s -> Files.write(s.file(ARCHIVED, FileKind.INDEX), new byte[800])),
  LOCAL_INDEX_MISSING(
      CHECKSUMS,
      LOCAL_INDEX_INVALID,
      REPAIRED,
      s -> Files.delete(s.file(RESTORED, FileKind.INDEX))),
  LOCAL_TIMEINDEX_GARBAGE(
      CHECKSUMS,
      LOCAL_INDEX_INVALID,
      REPAIRED,
      s -> Files.write(s.file(ARCHIVED, FileKind.TIMEINDEX), new byte[120])),
  LOCAL_INDEX_GARBAGE_OF_THE_ONLY_COPY(
      CONTENT,
      LOCAL_INDEX_INVALID,
      REPAIRED,
      s -> Files.write(s.file(LOCAL, FileKind.INDEX), new byte[800])),
  LOCAL_TIMEINDEX_MISSING_OF_THE_ONLY_COPY(
      CONTENT, LOCAL_INDEX_INVALID, REPAIRED, s -> Files.delete(s.file(LOCAL, FileKind.TIMEINDEX))),
  LOCAL_AND_REMOTE_LOG_FLIPPED(
      CHECKSUMS,
      OBJECT_CHECKSUM,
      QUARANTINED,
      s -> {
        s.flipFile(RESTORED, FileKind.LOG);
        s.flipWithChecksum(key(RESTORED, "log"));
      }),
  LOCAL_LOG_AND_REMOTE_INDEX_FLIPPED(
      CHECKSUMS,
      OBJECT_CHECKSUM,
      REPAIRED,
      s -> {
        s.flipFile(RESTORED, FileKind.LOG);
        s.flipWithChecksum(key(RESTORED, "index"));
      }),
  CATALOG_ROW_WITH_WRONG_SIZE(
      CHECKSUMS,
      CATALOG_SIZE,
      REPAIRED,
      s ->
          s.changeRows(
              "UPDATE segment SET size_bytes = size_bytes + 7 WHERE partition = 0 AND base_offset ="
                  + " 0")),
  CATALOG_ROW_WITH_WRONG_SIZE_OF_AN_OBJECT(
      LISTING,
      OBJECT_SIZE,
      REPAIRED,
      s -> {
        long sizeBytes = s.segment(REMOTE).sizeBytes();
        s.changeRows(
            "UPDATE segment SET files = replace(files, '"
                + sizeBytes
                + "', '"
                + (sizeBytes + 7)
                + "') WHERE partition = 0 AND base_offset = 0");
      });

  /** How it is done. */
  @Immutable
  @FunctionalInterface
  interface Doing {
    void to(DamageScene scene) throws Exception;
  }

  final Level foundBy;
  final FindingKind kind;
  final Outcome outcome;
  final Doing doing;
  final FindingKind orKind;

  Damage(Level foundBy, FindingKind kind, Outcome outcome, Doing doing) {
    this(foundBy, kind, outcome, doing, kind);
  }

  Damage(Level foundBy, FindingKind kind, Outcome outcome, Doing doing, FindingKind orKind) {
    this.foundBy = foundBy;
    this.kind = kind;
    this.outcome = outcome;
    this.doing = doing;
    this.orKind = orKind;
  }
}
