package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.DirectorySync;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.StepObserver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a whole catalog file at once, for whoever knows all of it from elsewhere.
 *
 * <p>The file grows beside its place under the name {@code <file>.rebuilding}, without a journal,
 * is flushed as a whole, and takes its place by one rename. So a crash leaves either no catalog or
 * a whole one. While a {@code .rebuilding} file lies there {@link SegmentCatalog#open} refuses to
 * begin an empty catalog in its stead, and the next builder replaces it.
 *
 * <p>One thread. Holds the catalog's lock from {@link #begin} to {@link #close}.
 */
public final class CatalogBuilder implements AutoCloseable {
  private static final String UNFINISHED = ".rebuilding";
  private static final List<String> JOURNALS = List.of("-wal", "-shm", "-journal");
  private static final int ROWS_PER_TRANSACTION = 50_000;

  private final Path file;
  private final Path unfinished;
  private final FileChannel lockChannel;
  private final StepObserver steps;
  private final Connection connection;
  private final PreparedStatement putSegment;
  private final PreparedStatement putNote;
  private int uncommittedRows;
  private boolean placed;

  private CatalogBuilder(
      Path file, FileChannel lockChannel, Connection connection, StepObserver steps)
      throws SQLException {
    this.file = file;
    this.unfinished = unfinished(file);
    this.lockChannel = lockChannel;
    this.connection = connection;
    this.steps = steps;
    this.putSegment = connection.prepareStatement(SegmentRow.UPSERT);
    this.putNote = connection.prepareStatement(CatalogFile.PUT_NOTE);
  }

  /** Where a catalog lies that is not whole yet. */
  static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + UNFINISHED);
  }

  /** Whether a builder began at this place and did not come to its end. */
  public static boolean isUnfinished(Path file) {
    return Files.exists(unfinished(file));
  }

  /**
   * Begins; what an earlier builder left unfinished is thrown away.
   *
   * @param file the catalog to be; its directory is created when missing
   * @throws CatalogException.Unwritable if there is one already, or a journal of one, if somebody
   *     has it open, or if the disk refuses
   */
  public static CatalogBuilder begin(Path file, StepObserver steps) throws CatalogException {
    FileChannel lockChannel = CatalogFile.lock(file);
    try {
      requireAbsent(file);
      Files.deleteIfExists(unfinished(file));
      Connection connection = CatalogFile.connect(unfinished(file));
      try {
        try (Statement statement = connection.createStatement()) {
          // Nothing to roll back to: until the rename there is no catalog.
          statement.execute("PRAGMA journal_mode = OFF");
          statement.execute("PRAGMA synchronous = OFF");
        }
        connection.setAutoCommit(false);
        CatalogSchema.migrate(connection);
        return new CatalogBuilder(file, lockChannel, connection, steps);
      } catch (SQLException e) {
        throw CatalogFile.closing(connection, CatalogFile.failure(unfinished(file), e));
      }
    } catch (SQLException e) {
      throw CatalogFile.closing(lockChannel, CatalogFile.failure(unfinished(file), e));
    } catch (IOException e) {
      throw CatalogFile.closing(lockChannel, refused(unfinished(file), e));
    } catch (CatalogException e) {
      throw CatalogFile.closing(lockChannel, e);
    }
  }

  /** A journal left behind would be taken for that of the new file. */
  private static void requireAbsent(Path file) throws CatalogException {
    if (Files.exists(file)) {
      throw new CatalogException.Unwritable(
          file, "exists already; move it away before it is rebuilt", null);
    }
    for (String journal : JOURNALS) {
      Path left = file.resolveSibling(file.getFileName() + journal);
      if (Files.exists(left)) {
        throw new CatalogException.Unwritable(
            left, "belongs to a catalog that is not here any more; move it away, too", null);
      }
    }
  }

  /** Adds a segment that was not added before. */
  public void add(SegmentMetadata segment) throws CatalogException {
    try {
      SegmentRow.bind(putSegment, segment);
      putSegment.executeUpdate();
      added();
    } catch (SQLException e) {
      throw CatalogFile.failure(unfinished, e);
    }
  }

  /** Adds a gap that the bucket has a record of. */
  public void add(Gap gap) throws CatalogException {
    add(GapNote.FORMAT, Gaps.key(gap), new GapNote(gap, GapNote.Status.PUBLISHED));
  }

  /** Adds a note, or replaces it. */
  public <T> void add(Notes.Format<T> format, String key, T value) throws CatalogException {
    try {
      putNote.setString(1, format.kind());
      putNote.setString(2, key);
      putNote.setString(3, format.toJson(value));
      putNote.executeUpdate();
      added();
    } catch (SQLException e) {
      throw CatalogFile.failure(unfinished, e);
    }
  }

  private void added() throws SQLException {
    uncommittedRows++;
    if (uncommittedRows >= ROWS_PER_TRANSACTION) {
      connection.commit();
      uncommittedRows = 0;
    }
  }

  /** Puts the catalog into its place, durably. Nothing can be added after. */
  public void place() throws CatalogException {
    try {
      connection.commit();
      connection.close();
      try (FileChannel written = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      steps.around(
          DurableStep.PLACE_CATALOG,
          StepObserver.NO_SEGMENT,
          () -> {
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            DirectorySync.force(Objects.requireNonNull(file.toAbsolutePath().getParent()));
            return file;
          });
      placed = true;
    } catch (SQLException e) {
      throw CatalogFile.failure(unfinished, e);
    } catch (IOException e) {
      throw refused(file, e);
    }
  }

  private static CatalogException refused(Path file, IOException e) {
    return new CatalogException.Unwritable(
        file, "cannot be written; check space and permissions: " + e, e);
  }

  /** Ends the work. What was not placed is removed, unless the process is killed before. */
  @Override
  public void close() throws CatalogException {
    @Nullable Exception failure = null;
    try (lockChannel) {
      connection.close();
      if (!placed) {
        Files.deleteIfExists(unfinished);
      }
    } catch (SQLException | IOException e) {
      failure = e;
    }
    if (failure != null) {
      throw new CatalogException.Unwritable(unfinished, "cannot be closed: " + failure, failure);
    }
  }
}
