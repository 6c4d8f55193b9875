package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotesTest {
  @TempDir Path dir;

  /** Numbers as JSON. */
  private record Numbers(String kind) implements Notes.Format<Integer> {
    @Override
    public String toJson(Integer value) {
      return value.toString();
    }

    @Override
    public Integer parse(String json) {
      return Integer.valueOf(json);
    }
  }

  private SegmentCatalog open() throws CatalogException {
    return SegmentCatalog.open(dir.resolve("catalog.db"), Clock.systemUTC());
  }

  @Test
  void aNoteIsThereAfterRestartUntilItIsRemoved() throws CatalogException {
    try (SegmentCatalog catalog = open()) {
      Notes<Integer> notes = catalog.notes(new Numbers("size"));
      notes.put("a", 1);
      notes.put("b", 2);
      notes.put("a", 3);
      assertThat(notes.all()).containsExactly(entry("a", 3), entry("b", 2));
    }
    try (SegmentCatalog catalog = open()) {
      Notes<Integer> notes = catalog.notes(new Numbers("size"));
      assertThat(notes.find("a")).hasValue(3);
      notes.remove("a");
      notes.remove("never written");
      assertThat(notes.find("a")).isEmpty();
    }
    try (SegmentCatalog catalog = open()) {
      assertThat(catalog.notes(new Numbers("size")).all()).containsExactly(entry("b", 2));
    }
  }

  @Test
  void kindsDoNotSeeEachOther() throws CatalogException {
    try (SegmentCatalog catalog = open()) {
      catalog.notes(new Numbers("size")).put("a", 1);
      catalog.notes(new Numbers("age")).put("a", 2);
    }
    try (SegmentCatalog catalog = open()) {
      assertThat(catalog.notes(new Numbers("size")).all()).containsExactly(entry("a", 1));
      assertThat(catalog.notes(new Numbers("age")).all()).containsExactly(entry("a", 2));
    }
  }

  @Test
  void aNoteThatWasNotDurableIsNotSeen() throws CatalogException {
    SegmentCatalog catalog = open();
    Notes<Integer> notes = catalog.notes(new Numbers("size"));
    catalog.close();
    assertThatThrownBy(() -> notes.put("a", 1)).isInstanceOf(CatalogException.Unwritable.class);
    assertThat(notes.all()).isEmpty();
  }

  @Test
  void aDamagedNoteIsNamed() throws Exception {
    open().close();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("catalog.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO note (kind, key, body) VALUES ('size', 'a', 'not a number')");
    }
    try (SegmentCatalog catalog = open()) {
      assertThatThrownBy(() -> catalog.notes(new Numbers("size")))
          .isInstanceOf(CatalogException.Unwritable.class)
          .hasMessageContaining("note kind=size key=a")
          .hasMessageContaining("rebuild");
    }
  }

  private static Map.Entry<String, Integer> entry(String key, Integer value) {
    return Map.entry(key, value);
  }
}
