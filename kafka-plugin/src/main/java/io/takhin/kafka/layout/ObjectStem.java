package io.takhin.kafka.layout;

import io.takhin.tiered.store.ObjectKey;
import java.util.List;
import java.util.Objects;

/**
 * What the keys of one segment's objects have in common. Made by {@link RemoteSegmentId#stem}, or
 * read back from where such a one was written down.
 *
 * @param value a key without the dot and the ending
 */
public record ObjectStem(ObjectKey value) {
  private static final String LOG = ".log";
  private static final String INDEXES = ".indexes";
  private static final String MANIFEST = ".manifest.json";
  private static final String PROBE = ".takhin/probe";

  public ObjectStem {
    Objects.requireNonNull(value, "value");
  }

  /** The records, as they were on disk. */
  public ObjectKey log() {
    return with(LOG);
  }

  /** The combined index object, see {@link RemoteIndexes}. */
  public ObjectKey indexes() {
    return with(INDEXES);
  }

  /** Describes the others, see {@link RemoteManifest}; written last. */
  public ObjectKey manifest() {
    return with(MANIFEST);
  }

  /** All there can be, in the order of a removal: no manifest names objects that are gone. */
  public List<ObjectKey> inOrderOfRemoval() {
    return List.of(manifest(), log(), indexes());
  }

  /**
   * Where nothing ever lies: asked for to find out whether the store answers.
   *
   * @param prefix of all keys, without a slash at the end; may be empty
   */
  public static ObjectKey probe(String prefix) {
    return new ObjectKey(prefix.isEmpty() ? PROBE : prefix + "/" + PROBE);
  }

  /** Whether an object at that key is a manifest, if it is one of ours at all. */
  public static boolean isManifest(ObjectKey key) {
    return key.value().endsWith(MANIFEST);
  }

  private ObjectKey with(String ending) {
    return new ObjectKey(value + ending);
  }

  @Override
  public String toString() {
    return value.value();
  }
}
