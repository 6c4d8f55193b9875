package io.takhin.benchmarks.transfer;

import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the sink remembers of what it was sent: sizes and checksums, and the bytes of small objects
 * only, or of all. Those of large ones can be given to it as files. Safe for use by several
 * threads.
 */
final class SinkObjects {
  private static final int MAX_OBJECTS = 100_000;
  private static final int MAX_UPLOADS = 1_000;
  private static final int MAX_PARTS = 10_000;

  /** A larger object is not kept unless all are. */
  static final int MAX_KEPT_BYTES = 1 << 20;

  private static final long MAX_ALL_KEPT_BYTES = 64L << 20;

  /** None is kept once so many bytes are. */
  private final long mostKeptBytes;

  private final boolean keepsAll;
  private final Optional<Path> contents;
  private final NavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>();
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final AtomicLong keptBytes = new AtomicLong();
  private final AtomicLong ids = new AtomicLong();

  /**
   * @param keepBytes to keep all that comes, up to so many bytes; 0 keeps small objects only
   * @param contents a directory with the contents of large objects by their keys
   */
  SinkObjects(long keepBytes, Optional<Path> contents) {
    this.contents = contents;
    this.keepsAll = keepBytes > 0;
    this.mostKeptBytes = keepsAll ? keepBytes : MAX_ALL_KEPT_BYTES;
  }

  /** Whether a body of that size is to be kept, if there is room. */
  boolean keeps(long sizeBytes, boolean isPart) {
    return keepsAll ? sizeBytes <= Integer.MAX_VALUE : !isPart && sizeBytes <= MAX_KEPT_BYTES;
  }

  /**
   * An object.
   *
   * @param checksum as its writer told it; empty if it told none that the sink understands
   * @param content if it is kept or was given; else empty, and what it holds is taken for {@link
   *     Pattern}
   * @param keptBytes in memory; a file's contents are not
   * @param etag in quotes, and nothing that a client takes for an MD5
   */
  record Stored(
      long sizeBytes,
      Optional<Crc32c> checksum,
      Optional<SinkContent> content,
      long keptBytes,
      String etag) {
    /** Whether what the sink serves is what it was sent, as far as it knows. */
    boolean isServed() {
      return content.isPresent()
          || checksum.isEmpty()
          || checksum.get().equals(Pattern.checksum(sizeBytes));
    }

    /** The bytes from a position on, at most so many and not always as many; read only. */
    ByteBuffer at(long positionBytes, long maxBytes) {
      return content
          .map(kept -> kept.at(positionBytes, maxBytes))
          .orElseGet(() -> Pattern.at(positionBytes, maxBytes));
    }
  }

  /** A page of a listing; {@code next} is null on the last one. */
  record Page(Map<String, Stored> objects, SortedSet<String> folders, @Nullable String next) {}

  /** Parts that were sent, by number; sending one again replaces it. */
  private record Upload(String key, NavigableMap<Integer, SentPart> parts) {}

  private record SentPart(long sizeBytes, Optional<ByteBuffer> content) {}

  Optional<Stored> find(String key) {
    return Optional.ofNullable(objects.get(key));
  }

  /**
   * Empty if the sink is full.
   *
   * @param content all of it, read only, if it may be kept
   * @throws IOException if the file with its contents cannot be read
   */
  Optional<Stored> put(
      String key, long sizeBytes, Optional<Crc32c> checksum, Optional<ByteBuffer> content)
      throws IOException {
    if (objects.size() >= MAX_OBJECTS) {
      return Optional.empty();
    }
    Optional<SinkContent> kept = content.map(bytes -> new SinkContent(List.of(bytes)));
    return putContent(key, sizeBytes, checksum, kept);
  }

  private Optional<Stored> putContent(
      String key, long sizeBytes, Optional<Crc32c> checksum, Optional<SinkContent> content)
      throws IOException {
    Optional<SinkContent> given =
        sizeBytes > MAX_KEPT_BYTES ? given(key, sizeBytes) : Optional.empty();
    Optional<SinkContent> kept =
        given.isPresent() ? Optional.empty() : content.filter(this::hasRoom);
    Stored stored =
        new Stored(
            sizeBytes,
            checksum,
            given.or(() -> kept),
            kept.map(SinkContent::sizeBytes).orElse(0L),
            newEtag());
    keptBytes.addAndGet(stored.keptBytes());
    forget(objects.put(key, stored));
    return Optional.of(stored);
  }

  /** What was put down beforehand for that key. */
  private Optional<SinkContent> given(String key, long sizeBytes) throws IOException {
    Optional<Path> file = contents.map(directory -> directory.resolve(key)).filter(Files::exists);
    if (file.isEmpty() || Files.size(file.get()) != sizeBytes) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file.get())) {
      return Optional.of(new SinkContent(List.of(channel.map(MapMode.READ_ONLY, 0, sizeBytes))));
    }
  }

  void delete(String key) {
    forget(objects.remove(key));
  }

  /** Forgets all objects and uploads. */
  void clear() {
    List.copyOf(objects.keySet()).forEach(this::delete);
    uploads.clear();
  }

  private boolean hasRoom(SinkContent content) {
    return keptBytes.get() + content.sizeBytes() <= mostKeptBytes;
  }

  private void forget(@Nullable Stored replaced) {
    if (replaced != null) {
      keptBytes.addAndGet(-replaced.keptBytes());
    }
  }

  /** The id of a new upload; empty if there are too many. */
  Optional<String> begin(String key) {
    if (uploads.size() >= MAX_UPLOADS) {
      return Optional.empty();
    }
    String id = "upload-" + ids.incrementAndGet();
    uploads.put(id, new Upload(key, new ConcurrentSkipListMap<>()));
    return Optional.of(id);
  }

  /** The part's ETag; empty if there is no such upload or the number is out of range. */
  Optional<String> addPart(String id, int number, long sizeBytes, Optional<ByteBuffer> content) {
    Upload upload = uploads.get(id);
    if (upload == null || number < 1 || number > MAX_PARTS) {
      return Optional.empty();
    }
    upload.parts().put(number, new SentPart(sizeBytes, content));
    return Optional.of(newEtag());
  }

  /** Empty if there is no such upload. */
  Optional<Stored> complete(String id, Optional<Crc32c> checksum) throws IOException {
    Upload upload = uploads.remove(id);
    if (upload == null) {
      return Optional.empty();
    }
    Collection<SentPart> parts = upload.parts().values();
    long sizeBytes = parts.stream().mapToLong(SentPart::sizeBytes).sum();
    List<ByteBuffer> contents = parts.stream().flatMap(part -> part.content().stream()).toList();
    Optional<SinkContent> content =
        contents.size() == parts.size() ? Optional.of(new SinkContent(contents)) : Optional.empty();
    return objects.size() >= MAX_OBJECTS
        ? Optional.empty()
        : putContent(upload.key(), sizeBytes, checksum, content);
  }

  /** Whether there was such an upload. */
  boolean abort(String id) {
    return uploads.remove(id) != null;
  }

  /** Ids and keys of the uploads under way. */
  Map<String, String> uploads(String prefix) {
    Map<String, String> found = new ConcurrentSkipListMap<>();
    uploads.forEach(
        (id, upload) -> {
          if (upload.key().startsWith(prefix)) {
            found.put(id, upload.key());
          }
        });
    return found;
  }

  /**
   * @param after only keys and folders behind this one; may be empty
   * @param delimiter what ends a folder's name; empty means that there are no folders
   */
  Page list(String prefix, String after, String delimiter, int max) {
    Map<String, Stored> found = new ConcurrentSkipListMap<>();
    SortedSet<String> folders = new TreeSet<>();
    String last = after;
    List<String> keys = new ArrayList<>(objects.tailMap(prefix, true).keySet());
    for (String key : keys) {
      if (!key.startsWith(prefix)) {
        break;
      }
      int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      String name = end < 0 ? key : key.substring(0, end + delimiter.length());
      if (name.compareTo(after) <= 0 || folders.contains(name)) {
        continue;
      }
      if (found.size() + folders.size() == max) {
        return new Page(found, folders, last);
      }
      last = name;
      Stored object = objects.get(key);
      if (end >= 0) {
        folders.add(name);
      } else if (object != null) { // Null if it was deleted meanwhile.
        found.put(name, object);
      }
    }
    return new Page(found, folders, null);
  }

  private String newEtag() {
    return String.format(Locale.ROOT, "\"sink-%d\"", ids.incrementAndGet());
  }
}
