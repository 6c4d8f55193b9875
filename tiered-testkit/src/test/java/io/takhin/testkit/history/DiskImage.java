package io.takhin.testkit.history;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Predicate;

/** Copies of a data directory. Sealed files never change, so a copy has links to them. */
final class DiskImage {
  private DiskImage() {}

  /** Of a directory that no process writes to any more. */
  static void copy(Path from, Path to) throws IOException {
    copy(from, to, directory -> true);
  }

  /**
   * Of a directory that a process goes on to use, with its catalog as it is at this moment.
   *
   * @param catalog the catalog's directory within
   */
  static void copyAlive(Path from, Path to, String catalog) throws IOException, SQLException {
    Path own = from.resolve(catalog);
    copy(from, to, directory -> !directory.equals(own));
    Path file = Files.createDirectories(to.resolve(catalog)).resolve("segments.db");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + own.resolve("segments.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.execute("VACUUM INTO '" + file + "'");
    }
  }

  private static void copy(Path from, Path to, Predicate<Path> wanted) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (!wanted.test(directory)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(to.resolve(from.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path target = to.resolve(from.relativize(file));
            String name = file.getFileName().toString();
            boolean neverChanges = name.matches("\\d{20}\\.[a-z]+");
            try {
              if (neverChanges) {
                Files.createLink(target, file);
              } else {
                Files.copy(file, target);
              }
            } catch (NoSuchFileException e) {
              return FileVisitResult.CONTINUE; // The journal's index comes and goes.
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  static void delete(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
