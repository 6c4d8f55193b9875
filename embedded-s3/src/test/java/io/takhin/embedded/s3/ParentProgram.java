package io.takhin.embedded.s3;

import java.io.IOException;
import java.nio.file.Path;

/** A process that starts a server and never stops it, for {@link EmbeddedS3IT} to kill. */
final class ParentProgram {
  private ParentProgram() {}

  public static void main(String[] args) throws IOException {
    EmbeddedS3 server = EmbeddedS3.start(EmbeddedS3Options.onFreePort(Path.of(args[0]), "bucket"));
    System.out.println(server.pid());
    while (server.isAlive()) {
      if (System.in.read() < 0) {
        return;
      }
    }
  }
}
