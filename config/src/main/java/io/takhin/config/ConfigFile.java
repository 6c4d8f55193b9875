package io.takhin.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Gets the text of the file, and tells in plain words why it cannot. */
final class ConfigFile {

  private ConfigFile() {}

  /** Returns an empty text after reporting a problem, so that the other sources are read too. */
  static String read(Path file, List<ConfigProblem> problems) {
    try {
      return text(file);
    } catch (NoSuchFileException e) {
      report(problems, file, "no such file");
    } catch (AccessDeniedException e) {
      report(problems, file, "no permission to read it");
    } catch (CharacterCodingException e) {
      report(problems, file, "not a text in UTF-8");
    } catch (IOException e) {
      report(problems, file, e.getMessage() == null ? e.toString() : e.getMessage());
    }
    return "";
  }

  private static String text(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("a directory; expected a YAML file");
    }
    // Not Files.size: a pipe has none, and what it delivers must be bounded all the same.
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(YamlLayer.MAX_CHARACTERS + 1);
      if (bytes.length > YamlLayer.MAX_CHARACTERS) {
        throw new IOException("larger than " + YamlLayer.MAX_CHARACTERS + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }

  private static void report(List<ConfigProblem> problems, Path file, String detail) {
    problems.add(new ConfigProblem(file.toString(), "", detail));
  }
}
