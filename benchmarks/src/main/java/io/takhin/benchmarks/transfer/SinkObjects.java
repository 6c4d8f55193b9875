package io.takhin.benchmarks.transfer;

import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
 * only. Safe for use by several threads.
 */
final class SinkObjects {
  private static final int MAX_OBJECTS = 100_000;
  private static final int MAX_UPLOADS = 1_000;
  private static final int MAX_PARTS = 10_000;

  /** A larger object is not kept, and none once so many bytes are. */
  static final int MAX_KEPT_BYTES = 1 << 20;

  private static final long MAX_ALL_KEPT_BYTES = 64L << 20;

  private final NavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>();
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final AtomicLong keptBytes = new AtomicLong();
  private final AtomicLong ids = new AtomicLong();

  /**
   * An object.
   *
   * @param checksum as its writer told it; empty if it told none that the sink understands
   * @param content if it is kept; else empty, and what it holds is taken for {@link Pattern}
   * @param etag in quotes, and nothing that a client takes for an MD5
   */
  record Stored(
      long sizeBytes, Optional<Crc32c> checksum, Optional<ByteBuffer> content, String etag) {
    /** Whether what the sink serves is what it was sent, as far as it knows. */
    boolean isServed() {
      return content.isPresent()
          || checksum.isEmpty()
          || checksum.get().equals(Pattern.checksum(sizeBytes));
    }

    /** The bytes from a position on, at most so many and not always as many; read only. */
    ByteBuffer at(long positionBytes, long maxBytes) {
      return content
          .map(kept -> kept.slice((int) positionBytes, (int) maxBytes))
          .orElseGet(() -> Pattern.at(positionBytes, maxBytes));
    }

    int keptBytes() {
      return content.map(ByteBuffer::capacity).orElse(0);
    }
  }

  /** A page of a listing; {@code next} is null on the last one. */
  record Page(Map<String, Stored> objects, SortedSet<String> folders, @Nullable String next) {}

  /** Parts that were sent, by number; sending one again replaces it. */
  private record Upload(String key, Map<Integer, Long> partBytes) {}

  Optional<Stored> find(String key) {
    return Optional.ofNullable(objects.get(key));
  }

  /**
   * Empty if the sink is full.
   *
   * @param content all of it, read only, if it may be kept
   */
  Optional<Stored> put(
      String key, long sizeBytes, Optional<Crc32c> checksum, Optional<ByteBuffer> content) {
    if (objects.size() >= MAX_OBJECTS) {
      return Optional.empty();
    }
    Stored stored = new Stored(sizeBytes, checksum, content.filter(this::hasRoom), newEtag());
    keptBytes.addAndGet(stored.keptBytes());
    forget(objects.put(key, stored));
    return Optional.of(stored);
  }

  void delete(String key) {
    forget(objects.remove(key));
  }

  private boolean hasRoom(ByteBuffer content) {
    return keptBytes.get() + content.capacity() <= MAX_ALL_KEPT_BYTES;
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
    uploads.put(id, new Upload(key, new ConcurrentHashMap<>()));
    return Optional.of(id);
  }

  /** The part's ETag; empty if there is no such upload or the number is out of range. */
  Optional<String> addPart(String id, int number, long sizeBytes) {
    Upload upload = uploads.get(id);
    if (upload == null || number < 1 || number > MAX_PARTS) {
      return Optional.empty();
    }
    upload.partBytes().put(number, sizeBytes);
    return Optional.of(newEtag());
  }

  /** Empty if there is no such upload. */
  Optional<Stored> complete(String id, Optional<Crc32c> checksum) {
    Upload upload = uploads.remove(id);
    if (upload == null) {
      return Optional.empty();
    }
    long sizeBytes = upload.partBytes().values().stream().mapToLong(Long::longValue).sum();
    return put(upload.key(), sizeBytes, checksum, Optional.empty());
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
