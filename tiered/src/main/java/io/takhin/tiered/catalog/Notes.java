package io.takhin.tiered.catalog;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/**
 * The durable notes of one kind: few, small facts beside the segments, such as what is held or
 * quarantined. All of them are in memory, so asking costs no disk; a change is durable before
 * anybody can see it. Whoever writes a kind bounds how many there are.
 *
 * <p>Thread-safe. One instance per kind, from {@link SegmentCatalog#notes}.
 *
 * @param <T> an immutable value
 */
public final class Notes<T> {
  private final Format<T> format;
  private final CatalogWriter writer;
  private final ConcurrentSkipListMap<String, T> values = new ConcurrentSkipListMap<>();

  /**
   * How values of a kind are written.
   *
   * @param <T> the value
   */
  public interface Format<T> {
    /** The name in the file, never changed: lower case. */
    String kind();

    /** The value as JSON. */
    String toJson(T value);

    /**
     * The value that {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if the text is not what {@link #toJson} wrote; says what was
     *     expected and what was found
     */
    T parse(String json);
  }

  Notes(Format<T> format, CatalogWriter writer) {
    this.format = format;
    this.writer = writer;
  }

  /** Takes in what the file holds; before anybody else has the instance. */
  void load(String key, String json) {
    values.put(key, format.parse(json));
  }

  public Optional<T> find(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** All notes by their keys, in order; a live view that cannot be changed. */
  public NavigableMap<String, T> all() {
    return Collections.unmodifiableNavigableMap(values);
  }

  /** Adds or replaces a note; durable when this returns. */
  public void put(String key, T value) throws CatalogException {
    NoteRow row = new NoteRow(format.kind(), key, format.toJson(value));
    writer.submit(
        staging -> {
          staging.write(row, () -> values.put(key, value));
          return key;
        });
  }

  /**
   * Changes a note to what the function makes of it; durable when this returns. No other change of
   * the note comes in between.
   *
   * @param change gets the note, if there is one, and returns what it is to be; empty removes it.
   *     Runs on the catalog's writer thread, so it must neither block nor change the catalog
   * @param max notes of this kind there may be; a further one is made and returned, and not kept
   * @return what the function returned
   */
  public Optional<T> update(String key, Function<Optional<T>, Optional<T>> change, int max)
      throws CatalogException {
    return writer.submit(
        staging -> {
          NoteRow staged = staging.note(format.kind(), key);
          Optional<T> before =
              staged == null ? find(key) : Optional.ofNullable(staged.body()).map(format::parse);
          Optional<T> after = change.apply(before);
          if (after.isEmpty()) {
            staging.write(new NoteRow(format.kind(), key, null), () -> values.remove(key));
          } else if (before.isPresent() || values.size() < max) {
            T value = after.get();
            staging.write(
                new NoteRow(format.kind(), key, format.toJson(value)),
                () -> values.put(key, value));
          }
          return after;
        });
  }

  /** Removes a note; durable when this returns. One that is not there is no error. */
  public void remove(String key) throws CatalogException {
    NoteRow row = new NoteRow(format.kind(), key, null);
    writer.submit(
        staging -> {
          staging.write(row, () -> values.remove(key));
          return key;
        });
  }
}
