package io.takhin.kafka.layout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Describes a segment within the bucket, for people and for recovery without Kafka's own records;
 * no read needs it. Written last: what has one is complete. One JSON object, UTF-8:
 *
 * <pre>
 * {
 *   "format" : 1,
 *   "writer" : "takhin-kafka",
 *   "createdAtMillis" : 1767225600000,        all times: milliseconds since the epoch
 *   "brokerId" : 1,                           that copied it
 *   "topic" : "orders", "topicId" : "PzaW…", "partition" : 0,
 *   "copyId" : "wHDQ…",                       Kafka's id of the remote segment
 *   "baseOffset" : 0, "endOffset" : 1000,     half-open
 *   "maxTimestampMillis" : 1767225599000,     -1: no record has one
 *   "leaderEpochs" : { "0" : 0 },             epoch : its first offset in the segment
 *   "log" : { "sizeBytes" : 1048576, "crc32c" : "4waSgw==" },
 *   "indexes" : { "sizeBytes" : 4096, "crc32c" : "4waSgw==" }
 * }
 * </pre>
 *
 * The format is 2 if the log is not stored as it was, see {@link LogForm}. It then has, too:
 *
 * <pre>
 *   "stored" : { "plainBytes" : 4194304, "compression" : "zstd", "encryption" : "AES-256-GCM" }
 * </pre>
 *
 * without what was not done to it.
 *
 * <p>The objects lie beside the manifest, under the same name with the endings {@code .log} and
 * {@code .indexes}; so a folder that was copied elsewhere still describes itself. Readers ignore
 * fields they do not know and refuse a newer format.
 *
 * @param leaderEpochs of the segment's records
 * @param form how the log is stored
 */
public record RemoteManifest(
    RemoteSegmentId id,
    Facts facts,
    SortedMap<Integer, Long> leaderEpochs,
    long logBytes,
    Crc32c logChecksum,
    int indexesBytes,
    Crc32c indexesChecksum,
    LogForm form) {
  public static final String CONTENT_TYPE = "application/json";
  private static final int PLAIN_FORMAT = 1;
  private static final int BLOCKS_FORMAT = 2;
  private static final String STORED = "stored";
  private static final String PLAIN_BYTES = "plainBytes";
  private static final String COMPRESSION = "compression";
  private static final String ENCRYPTION = "encryption";
  private static final String WRITER = "takhin-kafka";

  /** A manifest that lacks a number must not be read as one that says 0. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /**
   * What is known of a segment beside its name and bytes.
   *
   * @param endOffset behind the last record
   * @param maxTimestampMillis -1 if no record has one
   */
  public record Facts(
      long endOffset, long maxTimestampMillis, int brokerId, long createdAtMillis) {}

  public RemoteManifest {
    leaderEpochs = new TreeMap<>(leaderEpochs);
  }

  public static RemoteManifest of(
      RemoteSegmentId id, Facts facts, SortedMap<Integer, Long> epochs, SegmentLayout layout) {
    return new RemoteManifest(
        id,
        facts,
        epochs,
        layout.indexes().logBytes(),
        layout.indexes().logChecksum(),
        layout.indexes().totalBytes(),
        layout.indexesChecksum(),
        layout.indexes().form());
  }

  public byte[] toJson() {
    Document document =
        new Document(
            form.isPlain() ? PLAIN_FORMAT : BLOCKS_FORMAT,
            WRITER,
            facts.createdAtMillis(),
            facts.brokerId(),
            id.segment().partition().topic(),
            id.topicId(),
            id.segment().partition().partition(),
            id.copyId(),
            id.segment().baseOffset(),
            facts.endOffset(),
            facts.maxTimestampMillis(),
            leaderEpochs,
            new ObjectEntry(logBytes, logChecksum.base64()),
            new ObjectEntry(indexesBytes, indexesChecksum.base64()));
    try {
      ObjectNode root = JSON.valueToTree(document);
      if (!form.isPlain()) {
        ObjectNode stored = root.putObject(STORED).put(PLAIN_BYTES, form.plainBytes());
        if (form.isCompressed()) {
          stored.put(COMPRESSION, "zstd");
        }
        if (form.isEncrypted()) {
          stored.put(ENCRYPTION, "AES-256-GCM");
        }
      }
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write the manifest of " + id, e);
    }
  }

  /**
   * Reads a manifest.
   *
   * @throws IllegalArgumentException if it is none, or of a newer format
   */
  public static RemoteManifest parse(byte[] json) {
    try {
      JsonNode root = JSON.readTree(json);
      int format = root.path("format").asInt();
      if (format != PLAIN_FORMAT && format != BLOCKS_FORMAT) {
        throw new IllegalArgumentException(
            "invalid manifest: format: expected "
                + PLAIN_FORMAT
                + " or "
                + BLOCKS_FORMAT
                + ", got "
                + root.path("format"));
      }
      Document document = JSON.treeToValue(root, Document.class);
      return document.toManifest(
          format == PLAIN_FORMAT
              ? LogForm.plain(document.log().sizeBytes())
              : form(root.path(STORED)));
    } catch (IOException | ArithmeticException e) {
      throw new IllegalArgumentException("invalid manifest: " + e.getMessage(), e);
    }
  }

  private static LogForm form(JsonNode stored) {
    if (!stored.path(PLAIN_BYTES).isIntegralNumber()) {
      throw new IllegalArgumentException(
          "invalid manifest: stored: expected plainBytes, got " + stored);
    }
    return new LogForm(
        stored.path(PLAIN_BYTES).asLong(), stored.has(COMPRESSION), stored.has(ENCRYPTION));
  }

  /** The JSON's shape, of both formats. */
  record Document(
      int format,
      String writer,
      long createdAtMillis,
      int brokerId,
      String topic,
      String topicId,
      int partition,
      String copyId,
      long baseOffset,
      long endOffset,
      long maxTimestampMillis,
      Map<Integer, Long> leaderEpochs,
      ObjectEntry log,
      ObjectEntry indexes) {
    RemoteManifest toManifest(LogForm form) {
      return new RemoteManifest(
          new RemoteSegmentId(SegmentId.of(topic, partition, baseOffset), topicId, copyId),
          new Facts(endOffset, maxTimestampMillis, brokerId, createdAtMillis),
          new TreeMap<>(leaderEpochs),
          log.sizeBytes(),
          Crc32c.parseBase64(log.crc32c()),
          Math.toIntExact(indexes.sizeBytes()),
          Crc32c.parseBase64(indexes.crc32c()),
          form);
    }
  }

  /** Size and checksum of an object. */
  record ObjectEntry(long sizeBytes, String crc32c) {}
}
