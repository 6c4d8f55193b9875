package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The durable copy of the catalog: one SQLite database in write-ahead mode, synchronous FULL, so
 * that a transaction that committed is on the disk. Not thread-safe; the writer thread owns it.
 *
 * <p>{@link CatalogSchema} documents the format. An operator may read the file with the {@code
 * sqlite3} shell while the broker runs, for example {@code SELECT state, count(*), sum(size_bytes)
 * FROM segments GROUP BY state}. A second catalog, in this or another process, is kept away by a
 * lock on {@code <file>.lock}.
 */
final class CatalogFile implements AutoCloseable {
  private static final int BUSY_TIMEOUT_MILLIS = 5_000;
  private static final int JOURNAL_LIMIT_BYTES = 64 << 20;

  static final String PUT_NOTE = "INSERT OR REPLACE INTO note (kind, key, body) VALUES (?, ?, ?)";

  private static final String REBUILD =
      "move it away, with its -wal and -shm, and rebuild it from the bucket with `takhin rebuild"
          + " --catalog-only`";

  private final Path file;
  private final FileChannel lockChannel;

  /** Null after a failure, until the next use opens a new one. */
  private @Nullable Session session;

  /** A connection and its statements. */
  private record Session(
      Connection connection,
      PreparedStatement upsert,
      PreparedStatement delete,
      PreparedStatement touch,
      PreparedStatement putNote,
      PreparedStatement removeNote)
      implements AutoCloseable {

    /** What was not committed is rolled back. */
    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  private CatalogFile(Path file, FileChannel lockChannel, Session session) {
    this.file = file;
    this.lockChannel = lockChannel;
    this.session = session;
  }

  /** Opens or creates the file; creates its directory too. */
  static CatalogFile open(Path file) throws CatalogException {
    FileChannel lockChannel = lock(file);
    try {
      requireFinished(file);
      return openLocked(file, lockChannel);
    } catch (CatalogException e) {
      throw closing(lockChannel, e);
    }
  }

  /** An empty catalog in place of one that was being rebuilt would forget what the bucket holds. */
  private static void requireFinished(Path file) throws CatalogException {
    if (CatalogBuilder.isUnfinished(file) && !Files.exists(file)) {
      throw new CatalogException.Unwritable(
          file,
          "was being rebuilt from the bucket and is not whole; run `takhin rebuild` again, or delete "
              + CatalogBuilder.unfinished(file)
              + " to begin without what the bucket holds",
          null);
    }
  }

  private static CatalogFile openLocked(Path file, FileChannel lockChannel)
      throws CatalogException {
    try {
      Connection connection = connect(file);
      try {
        CatalogSchema.requireOurs(file, connection);
        return new CatalogFile(file, lockChannel, session(connection));
      } catch (SQLException e) {
        throw closing(connection, failure(file, e));
      } catch (CatalogException e) {
        throw closing(connection, e);
      }
    } catch (SQLException e) {
      throw failure(file, e);
    }
  }

  static Connection connect(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
  }

  private static Session session(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = FULL");
      statement.execute("PRAGMA journal_size_limit = " + JOURNAL_LIMIT_BYTES);
    }
    connection.setAutoCommit(false);
    CatalogSchema.migrate(connection);
    return new Session(
        connection,
        connection.prepareStatement(SegmentRow.UPSERT),
        connection.prepareStatement(
            "DELETE FROM segment WHERE topic = ? AND partition = ? AND base_offset = ?"),
        connection.prepareStatement(
            "UPDATE segment SET last_access_ms = max(last_access_ms, ?)"
                + " WHERE topic = ? AND partition = ? AND base_offset = ?"),
        connection.prepareStatement(PUT_NOTE),
        connection.prepareStatement("DELETE FROM note WHERE kind = ? AND key = ?"));
  }

  Path path() {
    return file;
  }

  /** Hands on every segment in the order of the ids. */
  void load(Consumer<SegmentMetadata> sink) throws CatalogException {
    SegmentRow rows = new SegmentRow();
    try (Statement statement = session().connection.createStatement();
        ResultSet result = statement.executeQuery(SegmentRow.SELECT)) {
      while (result.next()) {
        sink.accept(rows.read(result));
      }
      endRead();
    } catch (SQLException e) {
      throw failure(file, e);
    } catch (IllegalArgumentException e) {
      throw damaged("row", e);
    }
  }

  /** The exception for something that is not as it was written. */
  CatalogException damaged(String what, IllegalArgumentException e) {
    return new CatalogException.Unwritable(
        file, "holds a damaged " + what + "; " + REBUILD + ": " + e.getMessage(), e);
  }

  /**
   * A query begins a transaction too. Left open, it would keep the journal from being emptied, and
   * the first write from succeeding if another program had written meanwhile.
   */
  private void endRead() throws SQLException {
    session().connection.commit();
  }

  /** Hands on every note. */
  void loadNotes(Consumer<NoteRow> sink) throws CatalogException {
    try (Statement statement = session().connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT kind, key, body FROM note")) {
      while (result.next()) {
        sink.accept(new NoteRow(result.getString(1), result.getString(2), result.getString(3)));
      }
      endRead();
    } catch (SQLException e) {
      throw failure(file, e);
    }
  }

  /** Adds, replaces or, without a body, removes a note in the open transaction. */
  void write(NoteRow note) throws SQLException {
    PreparedStatement statement = note.body() == null ? session().removeNote : session().putNote;
    statement.setString(1, note.kind());
    statement.setString(2, note.key());
    if (note.body() != null) {
      statement.setString(3, note.body());
    }
    statement.executeUpdate();
  }

  /** Adds or replaces a row in the open transaction. */
  void put(SegmentMetadata segment) throws SQLException {
    PreparedStatement upsert = session().upsert;
    SegmentRow.bind(upsert, segment);
    upsert.executeUpdate();
  }

  void remove(SegmentId id) throws SQLException {
    PreparedStatement delete = session().delete;
    SegmentRow.bindKey(delete, 1, id);
    delete.executeUpdate();
  }

  void touch(SegmentId id, long lastAccessMillis) throws SQLException {
    PreparedStatement touch = session().touch;
    touch.setLong(1, lastAccessMillis);
    SegmentRow.bindKey(touch, 2, id);
    touch.executeUpdate();
  }

  /** Makes the transaction durable. */
  void commit() throws SQLException {
    session().connection.commit();
  }

  /**
   * Takes the transaction back after a failure, which gets what goes wrong here as suppressed. The
   * connection goes with it: some failures, a full disk among them, end the transaction on their
   * own and leave statements behind that can be neither used nor reset.
   */
  void rollback(Exception failure) {
    Session failed = session;
    session = null;
    if (failed != null) {
      try {
        failed.close();
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private Session session() throws SQLException {
    Session open = session;
    if (open == null) {
      Connection connection = connect(file);
      try {
        open = session(connection);
      } catch (SQLException e) {
        try {
          connection.close();
        } catch (SQLException suppressed) {
          e.addSuppressed(suppressed);
        }
        throw e;
      }
      session = open;
    }
    return open;
  }

  /** Refuses to grow beyond so many pages, as a full disk does, until a failure. */
  void limitPages(int pages) throws SQLException {
    try (Statement statement = session().connection.createStatement()) {
      statement.execute("PRAGMA max_page_count = " + pages);
    }
  }

  /** Moves the journal's content into the file, removes the journal and gives the lock back. */
  @Override
  public void close() throws CatalogException {
    Session last = session;
    try (lockChannel;
        last) {
      session = null;
    } catch (SQLException e) {
      throw failure(file, e);
    } catch (IOException e) {
      throw new CatalogException.Unwritable(file, "cannot be closed: " + e.getMessage(), e);
    }
  }

  /** The exception for the caller: what happened, and what an operator can do. */
  static CatalogException failure(Path file, SQLException e) {
    int primary = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : -1;
    String advice = "";
    if (primary == SQLiteErrorCode.SQLITE_FULL.code) {
      advice = "disk full; nothing was changed, free space and repeat";
    } else if (primary == SQLiteErrorCode.SQLITE_NOTADB.code) {
      advice = "is not a SQLite database; configure another path, or " + REBUILD;
    } else if (primary == SQLiteErrorCode.SQLITE_CORRUPT.code) {
      advice = "is damaged; " + REBUILD;
    } else if (primary == SQLiteErrorCode.SQLITE_READONLY.code
        || primary == SQLiteErrorCode.SQLITE_PERM.code) {
      advice = "is read-only; give this process's user write access to the file and its directory";
    } else if (primary == SQLiteErrorCode.SQLITE_BUSY.code) {
      advice = "another program holds a write lock on it; end its transaction and repeat";
    } else if (primary == SQLiteErrorCode.SQLITE_CANTOPEN.code) {
      advice = "cannot be opened; check that it is a file and that its directory is writable";
    } else {
      advice = "cannot be read or written";
    }
    return new CatalogException.Unwritable(file, advice + ": " + e.getMessage(), e);
  }

  static CatalogException closing(@Nullable AutoCloseable opened, CatalogException failure) {
    try {
      if (opened != null) {
        opened.close();
      }
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** The lock dies with the process, so a crash leaves nothing to clean up. */
  static FileChannel lock(Path file) throws CatalogException {
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    FileChannel channel = null;
    try {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
      channel.close();
      throw inUse(file, lockFile);
    } catch (OverlappingFileLockException e) {
      throw closing(channel, inUse(file, lockFile));
    } catch (IOException e) {
      throw closing(
          channel,
          new CatalogException.Unwritable(file, "cannot be locked, check its directory: " + e, e));
    }
  }

  private static CatalogException inUse(Path file, Path lockFile) {
    return new CatalogException.Unwritable(
        file, "is in use by another catalog, which holds the lock on " + lockFile, null);
  }
}
