package io.takhin.embedded.s3;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/** Finds the directory of jars that the server process runs on. */
final class ServerLibraries {
  /** Names the directory; otherwise it is {@code ../embedded-s3} from this class's own jar. */
  static final String PROPERTY = "takhin.embedded.s3.dir";

  private ServerLibraries() {}

  static Path locate() throws EmbeddedS3Exception {
    String named = System.getProperty(PROPERTY);
    Path dir = named != null ? Path.of(named).toAbsolutePath() : besideOwnJar();
    if (dir == null || !Files.isDirectory(dir)) {
      throw new EmbeddedS3Exception(
          "the embedded S3 server's jars are not installed: expected a directory at "
              + (dir == null ? "../embedded-s3 from this program's jars" : dir)
              + "; set the system property "
              + PROPERTY
              + " to where they are",
          null);
    }
    return dir;
  }

  private static @Nullable Path besideOwnJar() throws EmbeddedS3Exception {
    CodeSource source = EmbeddedS3.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return null; // A class loader that does not tell where it loads from.
    }
    try {
      Path lib = Path.of(source.getLocation().toURI()).getParent();
      return lib == null ? null : lib.resolveSibling("embedded-s3");
    } catch (URISyntaxException e) {
      throw new EmbeddedS3Exception("not a file: " + source.getLocation(), e);
    }
  }
}
