package io.takhin.tiered.catalog;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of the catalog file, and how a file of an earlier release is brought up to them.
 *
 * <p>Format, version 3 ({@code PRAGMA user_version}), marked as ours by {@code PRAGMA
 * application_id = 0x54414B48} ("TAKH"):
 *
 * <pre>
 *   segment                 one row per segment, WITHOUT ROWID
 *     topic, partition, base_offset     primary key
 *     end_offset            offset after the last record
 *     max_timestamp_ms      largest record timestamp, -1 when there is none
 *     size_bytes            of the log file
 *     last_modified_ms      when the last record was written
 *     last_access_ms        when it was last read; may lag by seconds after a crash
 *     state                 local | uploading | archived | remoteonly | restored | deleting
 *     manifest_key          where the manifest lies, or is going to lie while uploading
 *     attempt, upload_started_ms        of the upload in flight; null in other states
 *     archived_at_ms, files             of the receipt; null before there is one. files is JSON:
 *                           [{"kind":"index","size_bytes":8,"crc32c":"&lt;base64&gt;"}, …, log last]
 *     deleted_at_ms, purge_at_ms        while deleting: since when, and until when the objects stay
 *                           at least; null, as in rows of version 2, is 0: they go at once
 *     tombstoned            while deleting: 1 when the bucket says so too
 *     object_key            of the log object; computed from manifest_key, not stored
 *   note                    one row per {@link Notes note}, WITHOUT ROWID
 *     kind, key             primary key
 *     body                  JSON
 *   segments                a view of the same for people, with times as UTC text
 * </pre>
 */
final class CatalogSchema {
  private static final int APPLICATION_ID = 0x54414B48;

  /**
   * Element i leads from version i to version i + 1, so a file of any earlier version is brought up
   * step by step, and a new file is one of version 0. Elements are never changed, only added.
   */
  private static final List<List<String>> MIGRATIONS =
      List.of(
          List.of(
              """
              CREATE TABLE segment (
                topic TEXT NOT NULL,
                partition INTEGER NOT NULL,
                base_offset INTEGER NOT NULL,
                end_offset INTEGER NOT NULL,
                max_timestamp_ms INTEGER NOT NULL,
                size_bytes INTEGER NOT NULL,
                last_modified_ms INTEGER NOT NULL,
                last_access_ms INTEGER NOT NULL,
                state TEXT NOT NULL,
                manifest_key TEXT,
                attempt TEXT,
                upload_started_ms INTEGER,
                archived_at_ms INTEGER,
                files TEXT,
                object_key TEXT GENERATED ALWAYS AS
                  (replace(manifest_key, '.manifest.json', '.log')) VIRTUAL,
                PRIMARY KEY (topic, partition, base_offset)
              ) WITHOUT ROWID
              """,
              """
              CREATE VIEW segments AS SELECT
                topic, partition, base_offset, end_offset, size_bytes, state, object_key,
                datetime(last_modified_ms / 1000, 'unixepoch') AS last_modified,
                datetime(last_access_ms / 1000, 'unixepoch') AS last_access,
                datetime(archived_at_ms / 1000, 'unixepoch') AS archived_at,
                files
              FROM segment
              """),
          List.of(
              """
              CREATE TABLE note (
                kind TEXT NOT NULL,
                key TEXT NOT NULL,
                body TEXT NOT NULL,
                PRIMARY KEY (kind, key)
              ) WITHOUT ROWID
              """),
          List.of(
              "ALTER TABLE segment ADD COLUMN deleted_at_ms INTEGER",
              "ALTER TABLE segment ADD COLUMN purge_at_ms INTEGER",
              "ALTER TABLE segment ADD COLUMN tombstoned INTEGER",
              "DROP VIEW segments",
              """
              CREATE VIEW segments AS SELECT
                topic, partition, base_offset, end_offset, size_bytes, state, object_key,
                datetime(last_modified_ms / 1000, 'unixepoch') AS last_modified,
                datetime(last_access_ms / 1000, 'unixepoch') AS last_access,
                datetime(archived_at_ms / 1000, 'unixepoch') AS archived_at,
                datetime(purge_at_ms / 1000, 'unixepoch') AS purge_at,
                files
              FROM segment
              """));

  private CatalogSchema() {}

  /** Nothing is written, not even the journal mode, before the file is known to be a catalog. */
  static void requireOurs(Path file, Connection connection) throws SQLException, CatalogException {
    int applicationId = number(connection, "PRAGMA application_id");
    int version = number(connection, "PRAGMA user_version");
    boolean isNew =
        applicationId == 0 && number(connection, "SELECT count(*) FROM sqlite_master") == 0;
    if (!isNew && applicationId != APPLICATION_ID) {
      throw new CatalogException.Unwritable(
          file,
          "is a SQLite database of another program (application_id="
              + applicationId
              + "); configure another path",
          null);
    }
    if (version > MIGRATIONS.size()) {
      throw new CatalogException.Unwritable(
          file,
          "was written by a newer release: format expected at most "
              + MIGRATIONS.size()
              + ", got "
              + version
              + "; start that release or restore a backup",
          null);
    }
  }

  static void migrate(Connection connection) throws SQLException {
    int version = number(connection, "PRAGMA user_version");
    try (Statement statement = connection.createStatement()) {
      for (List<String> step : MIGRATIONS.subList(version, MIGRATIONS.size())) {
        for (String sql : step) {
          statement.execute(sql);
        }
      }
      statement.execute("PRAGMA application_id = " + APPLICATION_ID);
      statement.execute("PRAGMA user_version = " + MIGRATIONS.size());
    }
    connection.commit();
  }

  private static int number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      return result.next() ? result.getInt(1) : 0;
    }
  }
}
