package io.takhin.tiered.transfer.bucket;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoredObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a transfer has done, line by line, so that a run that was killed is gone on with.
 *
 * <pre>
 * {"takhin_transfer":1,"source":…,"target":…,"include":[…],"exclude":[…]}   binds the file
 * {"done":"&lt;source key&gt;","etag":…,"size":…}                               verified at the target
 * {"begins":"&lt;target key&gt;"}                                              an upload is about to begin
 * {"upload":"&lt;id&gt;","key":"&lt;target key&gt;","initiated":&lt;millis&gt;}             and has this name
 * {"ended":"&lt;target key&gt;"}                                               completed or aborted
 * </pre>
 *
 * <p>Lines are appended and never changed. A line without its end is one that a kill cut short, and
 * is taken off at the next opening. {@code done} lines are not forced to the disk: one that is lost
 * costs a comparison. {@code begins} lines are, because a forgotten upload would cost storage.
 *
 * <p>Not more than {@link DoneSet#MAX_OBJECTS} {@code done} lines are written in a run. Safe for
 * several threads; one process at a time, by a lock on the file. Written through a stream and not a
 * channel, which would be closed by the interrupt of whoever happens to write.
 */
final class ProgressFile implements Progress {
  private static final int FORMAT = 1;
  private static final int MAX_LINE_BYTES = 256 << 10;
  private static final String MAGIC = "takhin_transfer";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final RandomAccessFile file;
  private final DoneSet done = new DoneSet();

  /** Uploads that an earlier run began and did not end, by target key. */
  private final Map<String, Optional<PendingUpload>> leftovers = new LinkedHashMap<>();

  @GuardedBy("this")
  private int doneLines;

  private ProgressFile(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Opens the file of this transfer, or begins it.
   *
   * @throws TransferRefusedException if the file belongs to another transfer, to a process that
   *     runs, or is no such file
   */
  static ProgressFile open(Path path, String source, String target, KeyFilter filter)
      throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      lock(path, file);
      ProgressFile progress = new ProgressFile(path, file);
      progress.load(header(source, target, filter));
      return progress;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public boolean isDone(StoredObject listed) {
    return done.contains(listed.key().value(), listed.etag(), listed.sizeBytes());
  }

  @Override
  public Map<String, Optional<PendingUpload>> leftovers() {
    return leftovers;
  }

  @Override
  public synchronized void done(StoredObject source) throws IOException {
    if (doneLines >= DoneSet.MAX_OBJECTS) {
      return;
    }
    doneLines++;
    append(
        JSON.createObjectNode()
            .put("done", source.key().value())
            .put("etag", source.etag())
            .put("size", source.sizeBytes()));
  }

  @Override
  public synchronized void begins(ObjectKey target) throws IOException {
    append(JSON.createObjectNode().put("begins", target.value()));
    file.getFD().sync();
  }

  @Override
  public synchronized void began(PendingUpload upload) throws IOException {
    append(
        JSON.createObjectNode()
            .put("upload", upload.uploadId())
            .put("key", upload.key().value())
            .put("initiated", upload.initiatedMillis()));
  }

  @Override
  public synchronized void ended(ObjectKey target) throws IOException {
    append(JSON.createObjectNode().put("ended", target.value()));
  }

  @Override
  public synchronized void close(boolean everythingIsDone) throws IOException {
    if (everythingIsDone) {
      Files.deleteIfExists(path);
    }
    file.close();
  }

  private static void lock(Path path, RandomAccessFile file) throws IOException {
    FileLock lock;
    try {
      lock = file.getChannel().tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new TransferRefusedException(
          "the progress file is in use by another transfer: file=" + path);
    }
  }

  private static ObjectNode header(String source, String target, KeyFilter filter) {
    ObjectNode header =
        JSON.createObjectNode().put(MAGIC, FORMAT).put("source", source).put("target", target);
    filter.includes().forEach(header.putArray("include")::add);
    filter.excludes().forEach(header.putArray("exclude")::add);
    return header;
  }

  private void load(ObjectNode expected) throws IOException {
    long wholeBytes = 0;
    int lines = 0;
    // Not closed: it would close the file.
    InputStream in = new BufferedInputStream(new FileBytes(file), 1 << 16);
    for (Optional<byte[]> line = readLine(in); line.isPresent(); line = readLine(in)) {
      lines++;
      JsonNode entry = parse(line.get(), lines);
      if (lines == 1) {
        requireHeader(expected, entry);
      } else {
        take(entry);
      }
      wholeBytes += line.get().length + 1L;
    }
    if (lines == 0) {
      requireTornHeader();
    }
    file.setLength(wholeBytes);
    file.seek(wholeBytes);
    if (lines == 0) {
      synchronized (this) {
        append(expected);
      }
    }
  }

  /** The next line that has an end; empty when there is none. */
  private Optional<byte[]> readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        return Optional.of(line.toByteArray());
      }
      if (line.size() == MAX_LINE_BYTES) {
        throw notOurs("a line is longer than " + MAX_LINE_BYTES + " bytes");
      }
      line.write(next);
    }
    return Optional.empty();
  }

  private JsonNode parse(byte[] line, int number) throws IOException {
    try {
      JsonNode entry = JSON.readTree(line);
      if (entry != null && entry.isObject()) {
        return entry;
      }
    } catch (JsonProcessingException e) {
      TransferRefusedException refused = notOurs("line " + number + " is damaged");
      refused.initCause(e);
      throw refused;
    }
    throw notOurs("line " + number + " is no JSON object");
  }

  private void requireHeader(ObjectNode expected, JsonNode got) throws TransferRefusedException {
    if (!got.has(MAGIC)) {
      throw notOurs("it has no header");
    }
    if (!got.equals(expected)) {
      throw new TransferRefusedException(
          "the progress file belongs to another transfer; finish that one, or give this one a file"
              + " of its own: file="
              + path
              + " expected="
              + expected
              + " got="
              + got);
    }
  }

  /** A file without a whole line is new, or its header was cut short; anything else is not ours. */
  private void requireTornHeader() throws IOException {
    String opening = "{\"" + MAGIC + "\"";
    byte[] first = new byte[(int) Math.min(file.length(), opening.length())];
    file.seek(0);
    file.readFully(first);
    if (!opening.startsWith(new String(first, StandardCharsets.UTF_8))) {
      throw notOurs("it has no header");
    }
  }

  private void take(JsonNode entry) throws TransferRefusedException {
    try {
      if (entry.has("done")) {
        done.add(text(entry, "done"), text(entry, "etag"), entry.path("size").asLong());
      } else if (entry.has("begins")) {
        leftovers.put(text(entry, "begins"), Optional.empty());
      } else if (entry.has("upload")) {
        ObjectKey key = new ObjectKey(text(entry, "key"));
        long initiatedMillis = entry.path("initiated").asLong();
        leftovers.put(
            key.value(),
            Optional.of(new PendingUpload(key, text(entry, "upload"), initiatedMillis)));
      } else if (entry.has("ended")) {
        leftovers.remove(text(entry, "ended"));
      }
    } catch (IllegalArgumentException e) {
      TransferRefusedException refused = notOurs("it has an invalid entry: " + entry);
      refused.initCause(e);
      throw refused;
    }
  }

  private static String text(JsonNode entry, String field) {
    return entry.path(field).asText();
  }

  private TransferRefusedException notOurs(String why) {
    return new TransferRefusedException(
        "not a progress file, or damaged: " + why + "; remove it to begin anew: file=" + path);
  }

  @GuardedBy("this")
  private void append(ObjectNode line) throws IOException {
    byte[] json = JSON.writeValueAsBytes(line);
    byte[] withEnd = Arrays.copyOf(json, json.length + 1);
    withEnd[json.length] = '\n';
    file.write(withEnd);
  }

  /** The file from its position on, without the right to close it. */
  private static final class FileBytes extends InputStream {
    private final RandomAccessFile file;

    FileBytes(RandomAccessFile file) {
      this.file = file;
    }

    @Override
    public int read() throws IOException {
      return file.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return file.read(into, offset, length);
    }
  }
}
