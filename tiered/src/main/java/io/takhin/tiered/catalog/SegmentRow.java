package io.takhin.tiered.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import java.io.StringWriter;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A segment as a row of the catalog file and back; {@link CatalogFile} documents the columns. One
 * instance reads the rows of one load in the order of the primary key, so that neighbouring rows
 * share their partition.
 */
final class SegmentRow {
  static final String UPSERT =
      "INSERT OR REPLACE INTO segment (topic, partition, base_offset, end_offset, max_timestamp_ms,"
          + " size_bytes, last_modified_ms, last_access_ms, state, manifest_key, attempt,"
          + " upload_started_ms, archived_at_ms, files, deleted_at_ms, purge_at_ms, tombstoned)"
          + " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

  static final String SELECT =
      "SELECT topic, partition, base_offset, end_offset, max_timestamp_ms, size_bytes,"
          + " last_modified_ms, last_access_ms, state, manifest_key, attempt, upload_started_ms,"
          + " archived_at_ms, files, deleted_at_ms, purge_at_ms, tombstoned"
          + " FROM segment ORDER BY topic, partition, base_offset";

  private static final JsonFactory JSON = new JsonFactory();
  private static final SegmentState.Local LOCAL = new SegmentState.Local();

  private @Nullable PartitionId lastPartition;
  private String checkedFolder = "";

  static void bind(PreparedStatement upsert, SegmentMetadata segment) throws SQLException {
    SegmentState state = segment.state();
    int column = bindKey(upsert, 1, segment.id());
    upsert.setLong(column++, segment.endOffset());
    upsert.setLong(column++, segment.maxTimestampMillis());
    upsert.setLong(column++, segment.sizeBytes());
    upsert.setLong(column++, segment.lastModifiedMillis());
    upsert.setLong(column++, segment.lastAccessMillis());
    upsert.setString(column++, state.label());
    Receipt receipt = state.receipt().orElse(null);
    if (receipt != null) {
      upsert.setString(column++, receipt.manifestKey());
      upsert.setNull(column++, Types.VARCHAR);
      upsert.setNull(column++, Types.INTEGER);
      upsert.setLong(column++, receipt.committedAtMillis());
      upsert.setString(column++, filesToJson(receipt));
    } else if (state instanceof SegmentState.Uploading uploading) {
      UploadIntent intent = uploading.intent();
      upsert.setString(column++, intent.manifest().value());
      upsert.setString(column++, intent.attempt());
      upsert.setLong(column++, intent.startedAtMillis());
      upsert.setNull(column++, Types.INTEGER);
      upsert.setNull(column++, Types.VARCHAR);
    } else {
      upsert.setNull(column++, Types.VARCHAR);
      upsert.setNull(column++, Types.VARCHAR);
      upsert.setNull(column++, Types.INTEGER);
      upsert.setNull(column++, Types.INTEGER);
      upsert.setNull(column++, Types.VARCHAR);
    }
    bindDeletion(upsert, column, state);
  }

  private static void bindDeletion(PreparedStatement upsert, int first, SegmentState state)
      throws SQLException {
    if (state instanceof SegmentState.Deleting deleting) {
      upsert.setLong(first, deleting.deletedAtMillis());
      upsert.setLong(first + 1, deleting.purgeAtMillis());
      upsert.setBoolean(first + 2, deleting.isTombstoned());
    } else {
      for (int column = first; column <= first + 2; column++) {
        upsert.setNull(column, Types.INTEGER);
      }
    }
  }

  /** Binds topic, partition and base offset; returns the position after them. */
  static int bindKey(PreparedStatement statement, int first, SegmentId id) throws SQLException {
    statement.setString(first, id.partition().topic());
    statement.setInt(first + 1, id.partition().partition());
    statement.setLong(first + 2, id.baseOffset());
    return first + 3;
  }

  /**
   * @throws IllegalArgumentException if the row is not one that {@link #bind} wrote
   */
  SegmentMetadata read(ResultSet row) throws SQLException {
    String topic = row.getString(1);
    int number = row.getInt(2);
    long baseOffset = row.getLong(3);
    try {
      PartitionId partition = lastPartition;
      if (partition == null
          || partition.partition() != number
          || !partition.topic().equals(topic)) {
        partition = new PartitionId(topic, number);
        lastPartition = partition;
      }
      SegmentState state = readState(row);
      return new SegmentMetadata(
          new SegmentId(partition, baseOffset),
          row.getLong(4),
          row.getLong(5),
          row.getLong(6),
          row.getLong(7),
          row.getLong(8),
          state.isLocal() ? Tier.HOT : Tier.COLD,
          state);
    } catch (IllegalArgumentException | IOException e) {
      throw new IllegalArgumentException(
          "row topic="
              + topic
              + " partition="
              + number
              + " base_offset="
              + baseOffset
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private SegmentState readState(ResultSet row) throws SQLException, IOException {
    String label = text(row, 9);
    return switch (label) {
      case SegmentState.Local.LABEL -> LOCAL;
      case SegmentState.Uploading.LABEL ->
          new SegmentState.Uploading(
              new UploadIntent(text(row, 11), new ObjectKey(text(row, 10)), row.getLong(12)));
      case SegmentState.Archived.LABEL -> new SegmentState.Archived(readReceipt(row));
      case SegmentState.RemoteOnly.LABEL -> new SegmentState.RemoteOnly(readReceipt(row));
      case SegmentState.Restored.LABEL -> new SegmentState.Restored(readReceipt(row));
      case SegmentState.Deleting.LABEL ->
          // Null in rows of an earlier release: to be removed at once.
          new SegmentState.Deleting(
              readReceipt(row), row.getLong(15), row.getLong(16), row.getBoolean(17));
      default ->
          throw new IllegalArgumentException(
              "unknown state: expected one of " + SegmentState.LABELS + ", got '" + label + "'");
    };
  }

  private Receipt readReceipt(ResultSet row) throws SQLException, IOException {
    String manifestKey = text(row, 10);
    // The folder of the row before was checked already, and is nearly always the same.
    if (!manifestKey.startsWith(checkedFolder)
        || manifestKey.indexOf('/', checkedFolder.length()) >= 0) {
      String valid = new ObjectKey(manifestKey).value();
      checkedFolder = valid.substring(0, valid.lastIndexOf('/') + 1);
    }
    return receiptFromJson(manifestKey, text(row, 14), row.getLong(13));
  }

  private static String text(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    if (text == null) {
      throw new IllegalArgumentException(
          "missing value: column=" + row.getMetaData().getColumnName(column));
    }
    return text;
  }

  private static String filesToJson(Receipt receipt) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartArray();
      for (int i = 0; i < receipt.kinds().size(); i++) {
        json.writeStartObject();
        json.writeStringField("kind", receipt.kinds().get(i).extension());
        json.writeNumberField("size_bytes", receipt.sizeBytes(i));
        json.writeStringField("crc32c", receipt.checksum(i).base64());
        json.writeEndObject();
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new IllegalStateException("a StringWriter refused text", e);
    }
    return text.toString();
  }

  private static Receipt receiptFromJson(String manifestKey, String text, long committedAtMillis)
      throws IOException {
    List<FileKind> kinds = new ArrayList<>();
    LongStream.Builder packed = LongStream.builder();
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        throw new IllegalArgumentException("files: expected a JSON array, got '" + text + "'");
      }
      while (json.nextToken() == JsonToken.START_OBJECT) {
        kinds.add(readFile(json, packed));
      }
    }
    return new Receipt(manifestKey, kinds, packed.build().toArray(), committedAtMillis);
  }

  private static FileKind readFile(JsonParser json, LongStream.Builder packed) throws IOException {
    String extension = "";
    long sizeBytes = -1;
    String checksum = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "kind" -> extension = json.getText();
        case "size_bytes" -> sizeBytes = json.getLongValue();
        case "crc32c" -> checksum = json.getText();
        default -> json.skipChildren(); // a field of a later version of the same format
      }
    }
    packed.add(sizeBytes).add(Crc32c.parseBase64(checksum).value());
    String wanted = extension;
    return FileKind.ofExtension(extension)
        .orElseThrow(() -> new IllegalArgumentException("unknown file kind '" + wanted + "'"));
  }
}
