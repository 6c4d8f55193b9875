package io.takhin.tiered.catalog;

import static io.takhin.tiered.catalog.Segments.LOCAL;
import static io.takhin.tiered.catalog.Segments.ORDERS;
import static io.takhin.tiered.catalog.Segments.sealed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What is in the way of a catalog file, and what the catalog says about it. */
class CatalogFileTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("new").resolve("catalog.db");
  }

  private SegmentCatalog open() throws CatalogException {
    return SegmentCatalog.open(file, Clock.systemUTC());
  }

  private void assertUnwritable(ThrowingCallable call, String problem) {
    assertThatThrownBy(call)
        .isInstanceOf(CatalogException.Unwritable.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(problem);
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement executed = connection.createStatement()) {
      executed.execute(statement);
    }
  }

  @Test
  void aTextFileIsRefusedAndLeftAsItIs() throws Exception {
    Files.createDirectories(file.getParent());
    String text = "not a database, but somebody's notes\n".repeat(100);
    Files.writeString(file, text);

    assertUnwritable(this::open, "is not a SQLite database");

    assertThat(Files.readString(file)).isEqualTo(text);
  }

  @Test
  void anotherProgramsDatabaseIsRefusedAndLeftAsItIs() throws Exception {
    Files.createDirectories(file.getParent());
    sql("CREATE TABLE bookmarks (url TEXT)");
    byte[] before = Files.readAllBytes(file);

    assertUnwritable(this::open, "of another program");

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void aFileOfANewerReleaseIsRefused() throws Exception {
    open().close();
    sql("PRAGMA user_version = 99");

    assertUnwritable(this::open, "newer release: format expected at most 3, got 99");
  }

  @Test
  void aSegmentThatAnEarlierReleaseWasDeletingGoesAtOnce() throws Exception {
    // Given a file of version 2
    SegmentMetadata deleting =
        Segments.sealed(SegmentId.of("t", 0, 0).partition(), 0)
            .withState(
                new SegmentState.RemoteOnly(Segments.receipt(SegmentId.of("t", 0, 0)))
                    .delete(7, 9));
    try (SegmentCatalog catalog = open()) {
      catalog.register(deleting);
    }
    sql("DROP VIEW segments");
    for (String column : new String[] {"deleted_at_ms", "purge_at_ms", "tombstoned"}) {
      sql("ALTER TABLE segment DROP COLUMN " + column);
    }
    sql("CREATE VIEW segments AS SELECT topic FROM segment");
    sql("PRAGMA user_version = 2");

    // When
    try (SegmentCatalog catalog = open()) {
      // Then
      assertThat(catalog.find(deleting.id()).orElseThrow().state())
          .isEqualTo(
              new SegmentState.Deleting(deleting.state().receipt().orElseThrow(), 0, 0, false));
    }
  }

  @Test
  void aDamagedPageIsReported() throws Exception {
    try (SegmentCatalog catalog = open()) {
      catalog.registerAll(LongStream.range(0, 2_000).mapToObj(Segments::sealed).toList());
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      byte[] noise = new byte[32 * 1024];
      Arrays.fill(noise, (byte) 0xA5);
      channel.write(ByteBuffer.wrap(noise), channel.size() / 2);
    }

    assertUnwritable(
        this::open, "is damaged; move it away, with its -wal and -shm, and rebuild it");
  }

  @Test
  void aDamagedRowIsReportedByItsKey() throws Exception {
    try (SegmentCatalog catalog = open()) {
      catalog.register(sealed(3));
    }
    sql("UPDATE segment SET state = 'melted'");

    assertUnwritable(this::open, "row topic=orders partition=0 base_offset=300: unknown state");
  }

  @Test
  void aSecondCatalogOnTheSameFileIsRefused() throws Exception {
    try (SegmentCatalog first = open()) {
      assertUnwritable(this::open, "is in use by another catalog");

      first.register(sealed(0));
    }
    try (SegmentCatalog second = open()) {
      assertThat(second.find(sealed(0).id())).isPresent();
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsReported() throws IOException {
    Files.writeString(directory.resolve("new"), "a file where a directory should be");

    assertUnwritable(this::open, "cannot be locked, check its directory");
  }

  @Test
  void aReadOnlyFileIsReportedAsSuch() {
    SQLiteException refused =
        new SQLiteException("attempt to write", SQLiteErrorCode.SQLITE_READONLY_DBMOVED);

    assertThat(CatalogFile.failure(file, refused))
        .isInstanceOf(CatalogException.Unwritable.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("is read-only; give this process's user write access");
  }

  @Test
  void aFullDiskPublishesNothingAndIsSurvived() throws Exception {
    SegmentMap map = new SegmentMap();
    CatalogFile full = CatalogFile.open(file);
    CatalogWriter writer = new CatalogWriter(full, map);
    full.limitPages(8);
    writer.start();

    assertUnwritable(() -> registerMany(writer, 2_000), "disk full; nothing was changed");
    assertThat(map.stats().segments()).isZero();

    registerMany(writer, 3);

    assertThat(map.stats().segments()).isEqualTo(3);
    writer.close();
    full.close();
    try (SegmentCatalog catalog = open()) {
      assertThat(catalog.segments(ORDERS)).hasSize(3);
    }
  }

  private static void registerMany(CatalogWriter writer, int count) throws CatalogException {
    writer.submit(
        staging -> {
          LongStream.range(0, count)
              .mapToObj(Segments::sealed)
              .forEach(segment -> staging.put(null, segment, "test"));
          return count;
        });
  }

  @Test
  void anOperatorReadsTheFileWhileItIsInUse() throws Exception {
    try (SegmentCatalog catalog = open()) {
      SegmentId id = catalog.register(sealed(0)).id();
      Segments.toRemoteOnly(catalog, id);

      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT topic, partition, base_offset, end_offset, size_bytes, state, object_key,"
                      + " archived_at, files ->> '$[2].kind' FROM segments")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1)).isEqualTo("orders");
        assertThat(row.getInt(2)).isZero();
        assertThat(row.getLong(3)).isZero();
        assertThat(row.getLong(4)).isEqualTo(100);
        assertThat(row.getLong(5)).isEqualTo(Segments.SIZE_BYTES);
        assertThat(row.getString(6)).isEqualTo("remoteonly");
        assertThat(row.getString(7)).isEqualTo("logs/orders-0/00000000000000000000.log");
        assertThat(row.getString(8)).isEqualTo("1970-01-01 00:00:30");
        assertThat(row.getString(9)).isEqualTo("log");
      }
    }
  }

  @Test
  void aClosedCatalogRefusesChangesAndStillAnswers() throws Exception {
    SegmentCatalog catalog = open();
    SegmentId id = catalog.register(sealed(0)).id();
    catalog.close();
    catalog.close();

    assertUnwritable(
        () -> catalog.transition(id, LOCAL, Segments.uploading(id), "test"), "is closed");
    assertThat(catalog.find(id)).isPresent();
  }

  @Test
  void closingLeavesOneFileThatHoldsEverything() throws Exception {
    SegmentCatalog catalog = open();
    catalog.registerAll(LongStream.range(0, 500).mapToObj(Segments::sealed).toList());

    catalog.close();

    byte[] magic = Arrays.copyOf(Files.readAllBytes(file), 15);
    assertThat(new String(magic, StandardCharsets.US_ASCII)).isEqualTo("SQLite format 3");
    assertThat(file.resolveSibling("catalog.db-wal")).doesNotExist();
  }

  @Test
  void anotherProgramsWriteAfterTheStartDoesNotFailTheFirstChange() throws Exception {
    try (SegmentCatalog before = open()) {
      before.register(sealed(0));
    }
    try (SegmentCatalog catalog = open()) {
      // The load is over and holds no transaction open, so nobody is in anybody's way.
      sql("UPDATE segment SET last_access_ms = last_access_ms + 1");

      assertThat(catalog.register(sealed(1)).id()).isEqualTo(sealed(1).id());
    }
  }
}
