package io.takhin.kafka.ledger;

import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.ledger.LedgerLine.Verb;
import io.takhin.tiered.segment.DirectorySync;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger on disk: a line of text for everything that happened, appended, and written anew when
 * most of it no longer matters. Used by one thread.
 */
final class LedgerFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerFile.class);

  static final String HEADER = "takhin-ledger 1";

  private final Path file;
  private FileChannel channel;
  private long goodBytes;
  private long lines;

  private LedgerFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Reads the file, if there is one, and begins it anew with what is left of it.
   *
   * @param entries gets what is left
   * @throws IOException if it is of a newer version, or the disk fails
   */
  static LedgerFile open(Path file, Map<ObjectStem, Entry> entries) throws IOException {
    if (Files.exists(file)) {
      read(file, entries);
    }
    LedgerFile opened = new LedgerFile(file, writeAnew(file, entries));
    opened.begun(entries.size());
    return opened;
  }

  private void begun(int entries) throws IOException {
    goodBytes = channel.position();
    lines = entries;
  }

  private static void read(Path file, Map<ObjectStem, Entry> entries) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    String[] lines = text.split("\n", -1);
    if (!lines[0].equals(HEADER)) {
      throw new IOException(
          "not a ledger of this version: file="
              + file
              + " expected=\""
              + HEADER
              + "\" got=\""
              + lines[0].substring(0, Math.min(lines[0].length(), 40))
              + "\"");
    }
    int damaged = 0;
    // What stands behind the last line feed is nothing, or a line whose writing was cut off.
    for (int at = 1; at < lines.length - 1; at++) {
      Optional<LedgerLine> line = LedgerLine.parse(lines[at]);
      if (line.isPresent()) {
        apply(line.get(), entries);
      } else {
        damaged++;
      }
    }
    if (damaged > 0) {
      // A lost line may have said that a copy is complete, so objects are rather left than removed.
      int kept = entries.size();
      entries.values().removeIf(entry -> entry == Entry.COPYING);
      LOG.warn(
          "ledger_damaged file={} lines={} entries_dropped={} action=\"check the disk; objects of"
              + " copies that were broken off may stay in the bucket\"",
          file,
          damaged,
          kept - entries.size());
    }
    entries.replaceAll((stem, entry) -> entry == Entry.COPYING ? Entry.DOOMED_WITH_PARTS : entry);
  }

  /** What a line makes of what is known. */
  static void apply(LedgerLine line, Map<ObjectStem, Entry> entries) {
    switch (line.verb()) {
      case BEGIN -> entries.put(line.stem(), Entry.COPYING);
      case COMMIT, GONE -> entries.remove(line.stem());
      case DOOM -> entries.merge(line.stem(), Entry.DOOMED, (known, doomed) -> withParts(known));
    }
  }

  private static Entry withParts(Entry known) {
    return known == Entry.DOOMED ? known : Entry.DOOMED_WITH_PARTS;
  }

  private static FileChannel writeAnew(Path file, Map<ObjectStem, Entry> entries)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes((HEADER + "\n").getBytes(StandardCharsets.US_ASCII));
    entries.forEach(
        (stem, entry) -> {
          if (entry != Entry.DOOMED) {
            bytes.writeBytes(new LedgerLine(Verb.BEGIN, stem).toBytes());
          }
          if (entry.isDoomed()) {
            bytes.writeBytes(new LedgerLine(Verb.DOOM, stem).toBytes());
          }
        });
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      writeFully(channel, ByteBuffer.wrap(bytes.toByteArray()));
      channel.force(true);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        DirectorySync.force(directory);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Appends lines and forces them to disk. When this fails, none of them counts.
   *
   * @param added in their order
   */
  void append(List<LedgerLine> added) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    added.forEach(line -> bytes.writeBytes(line.toBytes()));
    try {
      channel.position(goodBytes);
      writeFully(channel, ByteBuffer.wrap(bytes.toByteArray()));
      channel.force(false);
    } catch (IOException e) {
      try {
        channel.truncate(goodBytes);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
    goodBytes += bytes.size();
    lines += added.size();
  }

  /** How many lines there are. */
  long lines() {
    return lines;
  }

  /** Writes only what still matters. */
  void compact(Map<ObjectStem, Entry> entries) throws IOException {
    FileChannel fresh = writeAnew(file, entries);
    channel.close();
    channel = fresh;
    begun(entries.size());
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int unused = channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
