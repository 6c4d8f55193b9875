package io.takhin.tiered.verify;

import io.takhin.tiered.archive.Manifest;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentFiles;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One look at a segment: as the catalog had it, and what was wrong. Used by one thread. */
final class Look {
  private final SegmentMetadata segment;
  private final List<Suspect> suspects = new ArrayList<>();
  private final Set<FileKind> badObjects = EnumSet.noneOf(FileKind.class);
  private final Set<FileKind> badFiles = EnumSet.noneOf(FileKind.class);
  private @Nullable Manifest manifest;
  private @Nullable SegmentFiles files;
  private boolean hasMoved;

  Look(SegmentMetadata segment) {
    this.segment = segment;
  }

  SegmentMetadata segment() {
    return segment;
  }

  void suspect(
      FindingKind kind, @Nullable FileKind file, Object where, Object expected, Object actual) {
    suspects.add(
        new Suspect(
            kind, file, where.toString(), String.valueOf(expected), String.valueOf(actual)));
  }

  /** An object that is not as the receipt says, or does not fit the log. */
  void badObject(FindingKind kind, FileKind file, Object where, Object expected, Object actual) {
    badObjects.add(file);
    suspect(kind, file, where, expected, actual);
  }

  /** A local file that is not as it has to be. */
  void badFile(FindingKind kind, FileKind file, Object where, Object expected, Object actual) {
    badFiles.add(file);
    suspect(kind, file, where, expected, actual);
  }

  void found(Manifest standing) {
    manifest = standing;
  }

  void found(SegmentFiles local) {
    files = local;
  }

  /** The segment was on its way while it was looked at, so what was seen says nothing. */
  void moved() {
    hasMoved = true;
  }

  boolean hasMoved() {
    return hasMoved;
  }

  List<Suspect> suspects() {
    return List.copyOf(suspects);
  }

  boolean isBadObject(FileKind kind) {
    return badObjects.contains(kind);
  }

  boolean isBadFile(FileKind kind) {
    return badFiles.contains(kind);
  }

  Set<FileKind> badObjects() {
    return EnumSet.copyOf(badObjects);
  }

  Set<FileKind> badFiles() {
    return EnumSet.copyOf(badFiles);
  }

  boolean has(FindingKind kind) {
    return suspects.stream().anyMatch(suspect -> suspect.kind() == kind);
  }

  /** What stands at the manifest's key, if it can be read. */
  Optional<Manifest> manifest() {
    return Optional.ofNullable(manifest);
  }

  /** The local files, if there are any. */
  Optional<SegmentFiles> files() {
    return Optional.ofNullable(files);
  }
}
