package io.takhin.testkit.scenario;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Writes segments that look like those of a log of access records, and tells their digests. */
final class LogDirectory {
  private static final List<String> METHODS = List.of("GET", "GET", "GET", "POST", "PUT", "DELETE");
  private static final List<String> PATHS =
      List.of("/cart", "/orders", "/orders/search", "/login", "/static/app.js", "/health");
  private static final int RECORDS_PER_SEGMENT = 1000;

  private final Path root;

  LogDirectory(Path root) {
    this.root = root;
  }

  /** Writes a sealed segment of about the given size with its indexes. */
  SegmentMetadata seal(SegmentId id, int aboutBytes, long lastModifiedMillis) throws IOException {
    Path directory = Files.createDirectories(root.resolve(id.partition().directory()));
    Path log = directory.resolve(FileKind.LOG.fileName(id));
    Random random = new Random(id.hashCode());
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(log))) {
      for (long written = 0; written < aboutBytes; ) {
        byte[] line = line(random).getBytes(StandardCharsets.UTF_8);
        out.write(line);
        written += line.length;
      }
    }
    byte[] index = new byte[aboutBytes / 4096 * 8];
    random.nextBytes(index);
    Files.write(directory.resolve(FileKind.INDEX.fileName(id)), index);
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(id)), new byte[0]);
    return SegmentMetadata.sealed(
        id,
        id.baseOffset() + RECORDS_PER_SEGMENT,
        lastModifiedMillis,
        Files.size(log),
        lastModifiedMillis);
  }

  private static String line(Random random) {
    return "10.0."
        + random.nextInt(256)
        + "."
        + random.nextInt(256)
        + " \""
        + METHODS.get(random.nextInt(METHODS.size()))
        + " "
        + PATHS.get(random.nextInt(PATHS.size()))
        + "?id="
        + Long.toHexString(random.nextLong())
        + "\" "
        + (random.nextInt(20) == 0 ? 503 : 200)
        + " "
        + random.nextInt(100_000)
        + "\n";
  }

  Path log(SegmentId id) {
    return root.resolve(id.partition().directory()).resolve(FileKind.LOG.fileName(id));
  }

  /** Files in the partition directories, restored ones and the catalog left out. */
  List<String> files() throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(file -> !file.startsWith("."))
          .toList();
    }
  }

  static String digest(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has it", e);
    }
  }
}
