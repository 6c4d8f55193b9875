package io.takhin.tiered.store.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A multipart upload as remembered in its directory's {@code upload.json}, so that another process
 * can find and complete or abort it.
 *
 * @param format version of this layout, {@value #FORMAT}
 * @param ifAbsent whether it must not replace an object; false where the file does not tell
 */
record Upload(
    int format,
    String key,
    long initiatedMillis,
    String contentType,
    Map<String, String> metadata,
    boolean ifAbsent) {
  static final int FORMAT = 1;
  private static final String FILE = "upload.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is known of the upload in the directory; empty if it is gone or not yet begun. */
  static Optional<Upload> find(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    Upload upload;
    try {
      upload = JSON.readValue(Files.readAllBytes(file), Upload.class);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new DamagedFileException("unreadable: file=" + file, e);
    }
    if (upload.format != FORMAT) {
      throw new DamagedFileException(
          "unknown format: file=" + file + " expected=" + FORMAT + " got=" + upload.format, null);
    }
    return Optional.of(upload);
  }

  /** Creates the upload's directory; it counts as begun once {@code upload.json} is in it. */
  void create(Layout layout, String uploadId) throws IOException {
    Path directory = layout.upload(uploadId);
    DurableFiles.createDirectories(layout.root(), directory);
    Path staged = layout.staging().resolve(uploadId);
    DurableFiles.write(
        staged, ByteBuffer.wrap(JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8)));
    DurableFiles.replace(staged, directory.resolve(FILE));
  }

  /**
   * Removes the upload with all its parts. {@code upload.json} goes last, so that an upload removed
   * by half is still listed and can be removed again.
   */
  static void remove(Layout layout, String uploadId) throws IOException {
    Path directory = layout.upload(uploadId);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!file.endsWith(FILE)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      return; // Gone already, which is what was asked for.
    }
    Files.deleteIfExists(directory.resolve(FILE));
    DurableFiles.delete(directory);
  }

  PendingUpload pending(String uploadId) {
    return new PendingUpload(new ObjectKey(key), uploadId, initiatedMillis);
  }

  PutOptions options() {
    return new PutOptions(ifAbsent, contentType, metadata);
  }
}
