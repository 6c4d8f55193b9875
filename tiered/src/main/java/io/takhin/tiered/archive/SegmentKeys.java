package io.takhin.tiered.archive;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Where a segment lies in the bucket: {@code <prefix>/<topic>-<partition>/<base offset>.<ending>};
 * and where what belongs to no segment lies: {@code <prefix>/.takhin/}.
 *
 * @param prefix without slashes at its ends; may be empty
 */
public record SegmentKeys(String prefix) {
  static final String MANIFEST = "manifest.json";
  static final String TOMBSTONE = "tombstone.json";

  /** What is ours and belongs to no segment. No topic has this name: a partition would follow. */
  static final String OWN_FOLDER = ".takhin/";

  private static final String JSON = ".json";
  private static final int EPOCH_DIGITS = 20;

  public SegmentKeys {
    if (!prefix.isEmpty()) {
      ObjectKey valid = new ObjectKey(prefix); // Fails here and not at the first segment.
      prefix = valid.value();
    }
  }

  /** What the keys of all objects begin with: the prefix and a slash, or nothing. */
  String root() {
    return prefix.isEmpty() ? "" : prefix + "/";
  }

  /** An object that is written to learn what the store's clock says. */
  ObjectKey clock() {
    return new ObjectKey(root() + OWN_FOLDER + "clock.txt");
  }

  public ObjectKey manifest(SegmentId id) {
    return new ObjectKey(stem(id) + MANIFEST);
  }

  /** What says, beside the manifest, that the segment is deleted and when its objects go. */
  ObjectKey tombstone(SegmentId id) {
    return new ObjectKey(stem(id) + TOMBSTONE);
  }

  /** A hold, by its validated name. */
  ObjectKey hold(String name) {
    Hold.requireName(name);
    return new ObjectKey(holdsFolder() + name + JSON);
  }

  /** What the keys of all holds begin with, and no other's do. */
  public String holdsFolder() {
    return root() + OWN_FOLDER + "holds/";
  }

  public ObjectKey file(SegmentId id, FileKind kind) {
    return new ObjectKey(stem(id) + kind.extension());
  }

  /** What the keys of all claims to the prefix begin with. */
  String writers() {
    return root() + OWN_FOLDER + "writers/";
  }

  /**
   * The claim to the prefix of that epoch.
   *
   * @param epoch 0 or more
   */
  ObjectKey writer(long epoch) {
    return new ObjectKey(writers() + String.format(Locale.ROOT, "%020d", epoch) + JSON);
  }

  /** Which epoch the key is the claim of; empty if it is none. */
  OptionalLong writerEpoch(ObjectKey key) {
    String name = key.value();
    String prefix = writers();
    boolean wellFormed =
        name.startsWith(prefix)
            && name.endsWith(JSON)
            && name.length() == prefix.length() + EPOCH_DIGITS + JSON.length();
    if (!wellFormed) {
      return OptionalLong.empty();
    }
    try {
      long epoch = Long.parseLong(name.substring(prefix.length(), prefix.length() + EPOCH_DIGITS));
      return epoch < 0 ? OptionalLong.empty() : OptionalLong.of(epoch);
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // Somebody else's object.
    }
  }

  /** The record of a gap that begins there. */
  ObjectKey gap(PartitionId partition, long fromOffset) {
    String name = new SegmentId(partition, fromOffset).fileStem();
    return new ObjectKey(gaps() + partition.directory() + "/" + name + JSON);
  }

  /** What the keys of all records of gaps begin with, and no other's do. */
  public String gaps() {
    return root() + OWN_FOLDER + "gaps/";
  }

  /** Where nothing ever lies: asked for to find out whether the store answers. */
  public ObjectKey probe() {
    return new ObjectKey(root() + OWN_FOLDER + "probe");
  }

  /** What the keys of all of the segment's objects begin with, and no other's do. */
  public String stem(SegmentId id) {
    return root() + id.partition().directory() + "/" + id.fileStem() + ".";
  }
}
