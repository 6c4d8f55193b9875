package io.takhin.tiered.catalog;

import java.util.List;
import java.util.Optional;

/**
 * What is true of a segment on disk and in the bucket. Each state has only its legal moves as
 * methods, so an illegal one does not compile: nothing but a verified {@link Receipt} leads to a
 * state from which local files can be freed.
 *
 * <pre>
 *            begin           commit              reclaim
 *   Local ──────────▶ Uploading ──────▶ Archived ─────────▶ RemoteOnly ◀────┐
 *     ▲                  │                 │                 │   │ restore   │ reclaim
 *     └──────────────────┘                 │                 │   └────────▶ Restored
 *           abandon                        │ delete          │ delete       │ delete
 *     delete from Local: forgotten         ▼                 ▼              ▼
 *     at once, nothing is remote         Deleting ◀──────────┴──────────────┘
 *                                         │ │ undelete, while the objects are there:
 *                                         │ └─────────▶ RemoteOnly
 *                                         │ objects are gone
 *                                         ▼
 *                                       forgotten
 *
 *   Archived ──┐ refute: the store was asked again before the local files were to go, and no
 *   Restored ──┴───────▶ Local   longer holds what it had confirmed; uploaded anew from here
 * </pre>
 *
 * <table>
 * <caption>Operation by state</caption>
 * <tr><th></th><th>archive</th><th>read</th><th>restore</th><th>free local files</th><th>delete</th></tr>
 * <tr><td>Local</td><td>uploads</td><td>local</td><td>nothing to do</td><td>never</td><td>forgets</td></tr>
 * <tr><td>Uploading</td><td>joins</td><td>local</td><td>nothing to do</td><td>never</td><td>after the upload ended</td></tr>
 * <tr><td>Archived</td><td>frees local files</td><td>local</td><td>nothing to do</td><td>yes</td><td>yes</td></tr>
 * <tr><td>RemoteOnly</td><td>nothing to do</td><td>restores first</td><td>downloads</td><td>nothing to do</td><td>yes</td></tr>
 * <tr><td>Restored</td><td>frees local files</td><td>local</td><td>nothing to do</td><td>yes</td><td>yes</td></tr>
 * <tr><td>Deleting</td><td>not found</td><td>not found</td><td>not found</td><td>yes</td><td>joins</td></tr>
 * </table>
 */
public sealed interface SegmentState {

  /** Every label there is, in the order of a segment's life. */
  List<String> LABELS =
      List.of(
          Local.LABEL,
          Uploading.LABEL,
          Archived.LABEL,
          RemoteOnly.LABEL,
          Restored.LABEL,
          Deleting.LABEL);

  /** The name in REST answers and in the catalog file. */
  String label();

  /** The proof, where there is one. */
  default Optional<Receipt> receipt() {
    return Optional.empty();
  }

  /** Whether this machine has the segment's files, in the log's own directory or restored. */
  default boolean isLocal() {
    return true;
  }

  /** Only on this machine. */
  record Local() implements SegmentState {
    static final String LABEL = "local";

    @Override
    public String label() {
      return LABEL;
    }

    public Uploading begin(UploadIntent intent) {
      return new Uploading(intent);
    }
  }

  /** On its way: objects may exist that no manifest names; the intent does. */
  record Uploading(UploadIntent intent) implements SegmentState {
    static final String LABEL = "uploading";

    @Override
    public String label() {
      return LABEL;
    }

    public Archived commit(Receipt receipt) {
      return new Archived(receipt);
    }

    public Local abandon() {
      return new Local();
    }
  }

  /** Proved in the bucket, and the broker's own files still here. */
  record Archived(Receipt proof) implements SegmentState {
    static final String LABEL = "archived";

    @Override
    public String label() {
      return LABEL;
    }

    public RemoteOnly reclaim() {
      return new RemoteOnly(proof);
    }

    /** See {@link Deleting}. */
    public Deleting delete(long nowMillis, long purgeAtMillis) {
      return new Deleting(proof, nowMillis, purgeAtMillis, false);
    }

    /** The log is as proved; what else the proof names was made anew. */
    Archived amend(Receipt other) {
      return new Archived(other);
    }

    /** The proof was found to hold no longer. */
    public Local refute() {
      return new Local();
    }

    @Override
    public Optional<Receipt> receipt() {
      return Optional.of(proof);
    }
  }

  /** The bucket holds the only copy. */
  record RemoteOnly(Receipt proof) implements SegmentState {
    static final String LABEL = "remoteonly";

    @Override
    public String label() {
      return LABEL;
    }

    public Restored restore() {
      return new Restored(proof);
    }

    /** See {@link Deleting}. */
    public Deleting delete(long nowMillis, long purgeAtMillis) {
      return new Deleting(proof, nowMillis, purgeAtMillis, false);
    }

    /** The log is as proved; what else the proof names was made anew. */
    RemoteOnly amend(Receipt other) {
      return new RemoteOnly(other);
    }

    @Override
    public Optional<Receipt> receipt() {
      return Optional.of(proof);
    }

    @Override
    public boolean isLocal() {
      return false;
    }
  }

  /**
   * In the bucket, and brought back here. It keeps its proof: sealed segments never change, so
   * archiving it again is a local delete.
   */
  record Restored(Receipt proof) implements SegmentState {
    static final String LABEL = "restored";

    @Override
    public String label() {
      return LABEL;
    }

    public RemoteOnly reclaim() {
      return new RemoteOnly(proof);
    }

    /** See {@link Deleting}. */
    public Deleting delete(long nowMillis, long purgeAtMillis) {
      return new Deleting(proof, nowMillis, purgeAtMillis, false);
    }

    /** The log is as proved; what else the proof names was made anew. */
    Restored amend(Receipt other) {
      return new Restored(other);
    }

    /** The proof was found to hold no longer; the restored files are then the only copy. */
    public Local refute() {
      return new Local();
    }

    @Override
    public Optional<Receipt> receipt() {
      return Optional.of(proof);
    }
  }

  /**
   * Deleted: nobody may read it any more. Its objects are removed, at once or when the time has
   * come, and until they are it can be undeleted.
   *
   * @param deletedAtMillis when that was
   * @param purgeAtMillis the objects stay at least until then; the same time for at once
   * @param isTombstoned whether the bucket says so too
   */
  record Deleting(Receipt proof, long deletedAtMillis, long purgeAtMillis, boolean isTombstoned)
      implements SegmentState {
    static final String LABEL = "deleting";

    @Override
    public String label() {
      return LABEL;
    }

    /** Whether the objects stay for a time, and the bucket has to say why. */
    public boolean isDelayed() {
      return purgeAtMillis > deletedAtMillis;
    }

    /** The bucket says that it is deleted, or is to say so no longer. */
    public Deleting tombstoned(boolean isTombstoned) {
      return new Deleting(proof, deletedAtMillis, purgeAtMillis, isTombstoned);
    }

    /** It is to stay after all; the objects were found to be there. */
    public RemoteOnly undelete() {
      return new RemoteOnly(proof);
    }

    @Override
    public Optional<Receipt> receipt() {
      return Optional.of(proof);
    }

    @Override
    public boolean isLocal() {
      return false;
    }
  }
}
