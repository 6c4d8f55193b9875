package io.takhin.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The data directory, held against a second process from construction to close.
 *
 * <p>The hold is an operating system lock on {@code .lock}, which ends with the process however it
 * ends. The file contains the process id in decimal, for people; only the lock decides.
 */
public final class DataDirectory implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Creates the directory when absent and locks it.
   *
   * @throws DataDirectoryInUseException when somebody else holds it
   * @throws IOException when it is no directory, cannot be created or written, or its disk is full
   */
  public static DataDirectory lock(Path directory) throws IOException {
    Path path = directory.toAbsolutePath().normalize();
    try {
      Files.createDirectories(path);
      return lockExisting(path);
    } catch (DataDirectoryInUseException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "storage.data.dir "
              + path
              + " cannot be used: "
              + reason(path, e)
              + "; expected a directory, or a place for one, that this user may write",
          e);
    }
  }

  private static DataDirectory lockExisting(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new DataDirectoryInUseException(path, read(channel));
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
      return new DataDirectory(path, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The JDK often says nothing but the path, and puts the reason into the type. */
  private static String reason(Path path, IOException failure) {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      return "it is a file";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileSystemException detailed && detailed.getReason() != null) {
      return detailed.getReason();
    }
    if (failure instanceof FileSystemException) {
      return "it cannot be created or written (" + failure.getClass().getSimpleName() + ")";
    }
    return String.valueOf(failure.getMessage());
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // The holder is in this very process, which the operating system's lock does not tell apart.
      return null;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(20);
    channel.read(buffer, 0);
    buffer.flip();
    return StandardCharsets.US_ASCII.decode(buffer).toString().trim();
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
