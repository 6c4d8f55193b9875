package io.takhin.tiered.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.ObjectProof;
import io.takhin.tiered.transfer.ObjectVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The gaps as the bucket holds them, one object each at {@code
 * <prefix>/.takhin/gaps/<topic>-<partition>/<20-digit fromOffset>.json}:
 *
 * <pre>
 * {
 *   "format" : 1,
 *   "writer" : "takhin",
 *   "topic" : "orders", "partition" : 0,
 *   "fromOffset" : 1000, "toOffset" : 3000,     half-open
 *   "segments" : 2, "bytes" : 2097152,          of the logs that were given up
 *   "maxTimestampMillis" : 1767225599000,       of the newest record among them, -1: none has one
 *   "droppedAtMillis" : 1767225600000,          of the last of them; milliseconds since the epoch
 *   "reason" : "disk full, store down"
 * }
 * </pre>
 *
 * Overwritten when the gap grows, removed when it turns out to be none. Readers ignore fields they
 * do not know and refuse a newer format. Any thread.
 */
public final class GapRecords {
  static final int FORMAT = 1;
  private static final String WRITER = "takhin";
  private static final PutOptions OPTIONS = new PutOptions(false, "application/json", Map.of());

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private final ObjectStore store;
  private final ObjectVerifier verifier;
  private final SegmentKeys keys;
  private final WriterEpoch writer;

  public GapRecords(ObjectStore store, SegmentKeys keys, WriterEpoch writer) {
    this.store = store;
    this.verifier = new ObjectVerifier(store);
    this.keys = keys;
    this.writer = writer;
  }

  /**
   * To be asked before records are written or removed.
   *
   * @throws WriterStoppedException if the prefix is another writer's
   */
  void requireOwner() throws IOException, CatalogException {
    writer.requireOwnerNow();
  }

  /**
   * Creates or overwrites the gap's object, and asks whether it is there: it is not written again
   * once the catalog says that it was, and nothing else could tell a rebuild what is missing.
   */
  void put(Gap gap) throws IOException {
    ByteBuffer json = ByteBuffer.wrap(toJson(gap));
    ObjectKey key = keys.gap(gap.partition(), gap.fromOffset());
    ObjectProof proof = new ObjectProof(key, json.remaining(), Crc32c.of(json));
    store.put(key, json, proof.checksum(), OPTIONS);
    verifier.verify(proof);
  }

  void remove(Gap gap) throws StoreException {
    store.delete(keys.gap(gap.partition(), gap.fromOffset()));
  }

  static byte[] toJson(Gap gap) {
    Document document =
        new Document(
            FORMAT,
            WRITER,
            gap.partition().topic(),
            gap.partition().partition(),
            gap.fromOffset(),
            gap.toOffset(),
            gap.segments(),
            gap.bytes(),
            gap.maxTimestampMillis(),
            gap.droppedAtMillis(),
            gap.reason());
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("gap of text and numbers cannot be written", e);
    }
  }

  /**
   * Reads the record that stands at the key.
   *
   * @throws IOException if it is none; names the key, what was expected and what was found
   */
  public static Gap parse(ObjectKey key, byte[] json) throws IOException {
    try {
      JsonNode tree = JSON.readTree(json);
      if (tree.path("format").asInt(0) != FORMAT) {
        throw new IOException(
            "invalid gap record: key="
                + key
                + " format: expected "
                + FORMAT
                + ", got "
                + tree.path("format"));
      }
      return JSON.treeToValue(tree, Document.class).toGap();
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IOException("invalid gap record: key=" + key + " " + e.getMessage(), e);
    }
  }

  /** The JSON's shape; public members, because the mapper reads them. */
  record Document(
      int format,
      String writer,
      String topic,
      int partition,
      long fromOffset,
      long toOffset,
      long segments,
      long bytes,
      long maxTimestampMillis,
      long droppedAtMillis,
      String reason) {
    Gap toGap() {
      return new Gap(
          new PartitionId(topic, partition),
          fromOffset,
          toOffset,
          segments,
          bytes,
          maxTimestampMillis,
          droppedAtMillis,
          reason);
    }
  }
}
