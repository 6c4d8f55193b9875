package io.takhin.tiered.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import java.util.List;

/**
 * Describes an archived segment within the bucket; its appearance is the commit of the archiving.
 * One JSON object, UTF-8:
 *
 * <pre>
 * {
 *   "format" : 2,
 *   "writer" : "takhin",                      program that wrote it
 *   "attempt" : "5b1f…",                      tells this attempt's manifest from another's
 *   "createdAtMillis" : 1767225600000,        all times: milliseconds since the epoch
 *   "topic" : "orders", "partition" : 0,
 *   "baseOffset" : 0, "endOffset" : 1000,     half-open
 *   "maxTimestampMillis" : 1767225599000,     -1: no record has one
 *   "lastModifiedMillis" : 1767225599000,
 *   "files" : [ {                             in upload order, the log last
 *     "kind" : "index",
 *     "name" : "00000000000000000000.index",  beside the manifest
 *     "sizeBytes" : 4096,
 *     "crc32c" : "4waSgw=="                   over the whole object, base64 as in S3's headers
 *   } ]
 * }
 * </pre>
 *
 * Files are named relative to the manifest, so a folder that was copied elsewhere still describes
 * itself. Readers ignore fields they do not know and refuse a newer format; a reader of format N
 * reads N-1 as well. Format 2 differs from format 1 in that the files may hold a {@code readindex}.
 */
public record Manifest(
    SegmentId id,
    long endOffset,
    long maxTimestampMillis,
    long lastModifiedMillis,
    String attempt,
    long createdAtMillis,
    List<ArchivedFile> files) {
  static final int FORMAT = 2;
  private static final int OLDEST_FORMAT = 1;
  public static final String CONTENT_TYPE = "application/json";
  private static final String WRITER = "takhin";

  /** A manifest that lacks a number must not be read as one that says 0. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  public Manifest {
    files = List.copyOf(files);
  }

  public static Manifest of(
      SegmentMetadata segment, String attempt, long createdAtMillis, List<ArchivedFile> files) {
    return new Manifest(
        segment.id(),
        segment.endOffset(),
        segment.maxTimestampMillis(),
        segment.lastModifiedMillis(),
        attempt,
        createdAtMillis,
        files);
  }

  /** Whether both describe the same bytes, whoever wrote them. */
  boolean describesSameFiles(List<ArchivedFile> others) {
    return files.equals(others);
  }

  public Receipt receipt(ObjectKey manifest, long committedAtMillis) {
    return new Receipt(manifest, files, committedAtMillis);
  }

  public byte[] toJson() {
    List<FileEntry> entries =
        files.stream()
            .map(
                file ->
                    new FileEntry(
                        file.kind().extension(),
                        file.kind().fileName(id),
                        file.sizeBytes(),
                        file.checksum().base64()))
            .toList();
    Document document =
        new Document(
            FORMAT,
            WRITER,
            attempt,
            createdAtMillis,
            id.partition().topic(),
            id.partition().partition(),
            id.baseOffset(),
            endOffset,
            maxTimestampMillis,
            lastModifiedMillis,
            entries);
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("manifest of text and numbers cannot be written", e);
    }
  }

  /** Reads what stands at the key, which is the place its files are relative to. */
  static Manifest parse(ObjectKey key, byte[] json) throws InvalidManifestException {
    try {
      JsonNode tree = JSON.readTree(json);
      int format = tree.path("format").asInt(0);
      if (format < OLDEST_FORMAT || format > FORMAT) {
        throw new InvalidManifestException(
            key,
            "format: expected " + OLDEST_FORMAT + " to " + FORMAT + ", got " + tree.path("format"),
            null);
      }
      Document document = JSON.treeToValue(tree, Document.class);
      SegmentId id =
          new SegmentId(
              new PartitionId(document.topic(), document.partition()), document.baseOffset());
      String folder = key.value().substring(0, key.value().lastIndexOf('/') + 1);
      Manifest manifest =
          new Manifest(
              id,
              document.endOffset(),
              document.maxTimestampMillis(),
              document.lastModifiedMillis(),
              document.attempt(),
              document.createdAtMillis(),
              document.files().stream().map(entry -> entry.toFile(folder)).toList());
      // A receipt can be made of it, or it is none.
      Receipt unused = manifest.receipt(key, manifest.createdAtMillis());
      return manifest;
    } catch (InvalidManifestException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidManifestException(key, String.valueOf(e.getMessage()), e);
    }
  }

  /** The JSON's shape; public members, because the mapper reads them. */
  record Document(
      int format,
      String writer,
      String attempt,
      long createdAtMillis,
      String topic,
      int partition,
      long baseOffset,
      long endOffset,
      long maxTimestampMillis,
      long lastModifiedMillis,
      List<FileEntry> files) {}

  /** One entry of {@code files}. */
  record FileEntry(String kind, String name, long sizeBytes, String crc32c) {
    ArchivedFile toFile(String folder) {
      FileKind known =
          FileKind.ofExtension(kind)
              .orElseThrow(() -> new IllegalArgumentException("unknown kind of file: " + kind));
      return new ArchivedFile(
          known, new ObjectKey(folder + name), sizeBytes, Crc32c.parseBase64(crc32c));
    }
  }
}
