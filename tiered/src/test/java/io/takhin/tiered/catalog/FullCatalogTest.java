package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk, on which the catalog can be read and not written, prevents no start. */
class FullCatalogTest {
  private static final PartitionId PARTITION = new PartitionId("orders", 0);

  @TempDir Path dir;

  private SegmentCatalog open() throws CatalogException {
    return SegmentCatalog.open(dir.resolve("catalog.db"), Clock.systemUTC());
  }

  private static Quarantine quarantine(SegmentCatalog catalog) throws CatalogException {
    return Quarantine.open(catalog, 5, Duration.ofMinutes(1), Clock.systemUTC());
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("catalog.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void fill() throws SQLException {
    for (String write : List.of("INSERT", "UPDATE", "DELETE")) {
      execute(
          "CREATE TRIGGER full_"
              + write
              + " BEFORE "
              + write
              + " ON note BEGIN SELECT RAISE(FAIL, 'injected: disk full'); END");
    }
  }

  @Test
  void whatIsHeldAgainstASegmentThatIsGoneMayStay() throws Exception {
    // Given a failure of a segment that nobody knows any more, as one that was given up
    SegmentId id = Segments.sealed(0).id();
    try (SegmentCatalog catalog = open()) {
      quarantine(catalog).failed(id, QuarantineStage.ARCHIVE, "store refused it");
    }
    fill();

    // When
    try (SegmentCatalog catalog = open()) {
      Quarantine quarantine = quarantine(catalog);

      // Then
      assertThat(quarantine.find(id)).isPresent();
      assertThatThrownBy(() -> quarantine.failed(id, QuarantineStage.ARCHIVE, "again"))
          .hasMessageContaining("injected: disk full");
    }
  }

  @Test
  void gapsThatACrashLeftOverlappingMayStaySo() throws Exception {
    // Given a crash between the two writes that make two gaps one
    try (SegmentCatalog catalog = open()) {
      Gaps gaps = new Gaps(catalog);
      gaps.open(segment(0, 100), 1, "disk full");
      gaps.open(segment(200, 300), 1, "disk full");
      execute(
          "CREATE TRIGGER crash BEFORE UPDATE ON note WHEN NEW.body LIKE '%RETIRED%'"
              + " BEGIN SELECT RAISE(FAIL, 'injected: crash'); END");
      execute(
          "CREATE TRIGGER crash_too BEFORE INSERT ON note WHEN NEW.body LIKE '%RETIRED%'"
              + " BEGIN SELECT RAISE(FAIL, 'injected: crash'); END");
      assertThatThrownBy(() -> gaps.open(segment(100, 200), 1, "disk full"))
          .hasMessageContaining("injected: crash");
    }
    fill();

    // When
    try (SegmentCatalog catalog = open()) {
      Gaps gaps = new Gaps(catalog);

      // Then
      assertThat(gaps.firstAfter(PARTITION, 0)).isEqualTo(300);
      assertThat(gaps.firstAfter(PARTITION, 250)).isEqualTo(300);
    }
  }

  private static SegmentMetadata segment(long from, long to) {
    return SegmentMetadata.sealed(new SegmentId(PARTITION, from), to, to, 1000, to);
  }
}
