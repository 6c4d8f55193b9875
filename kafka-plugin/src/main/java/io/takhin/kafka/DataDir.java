package io.takhin.kafka;

import io.takhin.kafka.ledger.Ledger;
import io.takhin.tiered.segment.DirectorySync;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * This broker's own folder, held by one process at a time. The kernel gives it free when the
 * process ends, however it ends.
 */
final class DataDir implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final String LEDGER = "ledger";

  private final Ledger ledger;

  /** Kept in a field: a channel that is collected gives up its lock. */
  private final FileChannel lock;

  private DataDir(Ledger ledger, FileChannel lock) {
    this.ledger = ledger;
    this.lock = lock;
  }

  /**
   * Creates the folder if need be, holds it, and takes up its ledger.
   *
   * @param maxPending see {@link Ledger#open}
   * @throws IOException if another process, or another plugin of this one, holds it
   */
  static DataDir open(Path folder, int maxPending) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new IOException(
            "data.dir is in use by another broker, each needs its own: folder=" + folder);
      }
      DirectorySync.force(folder);
      return new DataDir(Ledger.open(folder.resolve(LEDGER), maxPending), channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Held within this JVM, which the kernel does not tell apart.
    }
  }

  Ledger ledger() {
    return ledger;
  }

  @Override
  public void close() throws IOException {
    try {
      ledger.close();
    } finally {
      lock.close();
    }
  }
}
