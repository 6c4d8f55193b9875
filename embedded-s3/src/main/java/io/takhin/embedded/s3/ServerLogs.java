package io.takhin.embedded.s3;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a server process writes about itself, below its directory. */
record ServerLogs(Path dir) {
  private static final int TAIL_BYTES = 2_000;

  /** What the process itself prints, such as a crash of its JVM; begun anew at each start. */
  Path standardError() {
    return dir.resolve("server.err");
  }

  /** The server's log, rolled by size. */
  Path log() {
    return dir.resolve("server.log");
  }

  /** The end of what was logged, as the end of a sentence. */
  String tail() {
    for (Path file : new Path[] {standardError(), log()}) {
      try {
        if (Files.exists(file) && Files.size(file) > 0) {
          return "; the end of " + file + ":\n" + end(file);
        }
      } catch (IOException e) {
        return "; " + file + " cannot be read: " + e;
      }
    }
    return "; it logged nothing to " + log();
  }

  private static String end(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - TAIL_BYTES));
      byte[] bytes = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
