package io.takhin.broker.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Real text, line by line, repeated from its beginning for as long as it is asked. Files are read
 * as a stream, so a text of any size will do. Not safe for use from several threads.
 */
final class Corpus implements AutoCloseable {
  /** Longer lines are cut here, so that every record fits the broker's default limit of 1 MiB. */
  private static final int MAX_LINE_BYTES = 64 * 1024;

  private final List<Path> files;
  private final byte[] buffer = new byte[MAX_LINE_BYTES];
  private InputStream current = InputStream.nullInputStream();
  private int nextFile;
  private int position;
  private int limit;

  private Corpus(List<Path> files) {
    this.files = files;
  }

  static Corpus ofFile(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected a file with text");
    }
    return new Corpus(requireContent(List.of(file), file));
  }

  /** The documents that come with the project: what its reader has at hand to compare with. */
  static Corpus ofDocuments(Path home) throws IOException {
    try (Stream<Path> found = Files.walk(home, 3)) {
      List<Path> documents =
          found
              .filter(file -> isDocument(home.relativize(file).toString()))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      return new Corpus(requireContent(documents, home));
    }
  }

  private static boolean isDocument(String path) {
    return path.equals("LICENSE")
        || (path.endsWith(".md") && !path.contains("target"))
        || path.matches("config.[a-z-]+\\.yaml");
  }

  private static List<Path> requireContent(List<Path> files, Path where) throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    if (bytes == 0) {
      throw new IOException("no text to produce: expected at least one byte in " + where);
    }
    return files;
  }

  /** The next line without its line feed; possibly empty. */
  byte[] nextLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    while (true) {
      if (position == limit && !refill()) {
        openNextFile();
        if (line.size() > 0) {
          return line.toByteArray(); // the last line of a file needs no line feed
        }
        continue;
      }
      int end = position;
      int mostBytes = Math.min(limit, position + MAX_LINE_BYTES - line.size());
      while (end < mostBytes && buffer[end] != '\n') {
        end++;
      }
      line.write(buffer, position, end - position);
      position = end;
      if (end < limit && buffer[end] == '\n') {
        position++;
        return line.toByteArray();
      }
      if (line.size() == MAX_LINE_BYTES) {
        return line.toByteArray();
      }
    }
  }

  private boolean refill() throws IOException {
    position = 0;
    limit = Math.max(0, current.read(buffer));
    return limit > 0;
  }

  private void openNextFile() throws IOException {
    current.close();
    current = Files.newInputStream(files.get(nextFile));
    nextFile = (nextFile + 1) % files.size();
  }

  @Override
  public void close() throws IOException {
    current.close();
  }
}
