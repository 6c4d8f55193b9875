package io.takhin.tiered.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file operations that survive a power cut: contents are forced before a name points at them,
 * and the directory is forced after its entries have changed.
 */
final class DurableFiles {
  private DurableFiles() {}

  /** Writes a new file with the buffer's remaining bytes, which are left where they are. */
  static void write(Path file, ByteBuffer bytes) throws IOException {
    ByteBuffer rest = bytes.duplicate();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  /** Puts a file in another's place, in one step that other processes see whole. */
  static void replace(Path source, Path target) throws IOException {
    Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(target);
  }

  /**
   * Gives a file a name that must be free. A hard link, because unlike a move it fails when the
   * name is taken, and unlike exclusive creation it makes the contents appear with the name.
   *
   * @throws FileAlreadyExistsException if the name is taken
   */
  static void publishNew(Path source, Path target) throws IOException {
    Files.createLink(target, source);
    syncDirectory(target);
    Files.delete(source);
  }

  /** Removes a file if it is there, and tells whether it was. */
  static boolean delete(Path file) throws IOException {
    boolean existed = Files.deleteIfExists(file);
    if (existed) {
      syncDirectory(file);
    }
    return existed;
  }

  /**
   * Creates the missing directories between an existing root and a directory below it. The root
   * itself is never created: when it is a mount point that went away, writing into the bare
   * directory underneath would hide the data once the mount is back.
   */
  static void createDirectories(Path root, Path directory) throws IOException {
    if (directory.equals(root) || Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      createDirectories(root, parent);
    }
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      // Another thread was quicker, which is fine as long as it made a directory.
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    syncDirectory(directory);
  }

  /** Forces the directory that holds the file's name. */
  private static void syncDirectory(Path file) throws IOException {
    Path directory = file.getParent();
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (directory == null || !posix) {
      return; // Elsewhere a directory cannot be opened, and its metadata is journalled anyway.
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
