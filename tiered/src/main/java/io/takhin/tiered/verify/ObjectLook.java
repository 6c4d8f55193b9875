package io.takhin.tiered.verify;

import io.takhin.tiered.archive.InvalidManifestException;
import io.takhin.tiered.archive.Manifest;
import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** Level 1 in the bucket: asks the store for each object, and reads the manifest. */
final class ObjectLook {
  private final ObjectStore store;
  private final SegmentObjects objects;
  private final Pace pace;

  ObjectLook(ObjectStore store, SegmentObjects objects, Pace pace) {
    this.store = store;
    this.objects = objects;
    this.pace = pace;
  }

  void look(Look look, Receipt receipt) throws IOException, InterruptedException {
    for (ArchivedFile file : receipt.files()) {
      pace.requests(1);
      compare(look, file, store.head(file.key()));
    }
    pace.requests(2);
    compareManifest(look, receipt);
    SegmentMetadata segment = look.segment();
    if (segment.sizeBytes() != receipt.log().sizeBytes()) {
      look.suspect(
          FindingKind.CATALOG_SIZE,
          null,
          segment.id(),
          "log of " + receipt.log().sizeBytes() + " bytes, as in the receipt",
          segment.sizeBytes());
    }
  }

  private static void compare(Look look, ArchivedFile file, Optional<StoredObject> found) {
    if (found.isEmpty()) {
      look.badObject(
          FindingKind.OBJECT_MISSING,
          file.kind(),
          file.key(),
          file.sizeBytes() + " bytes",
          "nothing");
      return;
    }
    StoredObject object = found.get();
    if (object.sizeBytes() != file.sizeBytes()) {
      look.badObject(
          FindingKind.OBJECT_SIZE, file.kind(), file.key(), file.sizeBytes(), object.sizeBytes());
    } else if (object.checksum().isEmpty()) {
      look.badObject(
          FindingKind.OBJECT_UNPROVED, file.kind(), file.key(), file.checksum(), "no checksum");
    } else if (!object.checksum().get().equals(file.checksum())) {
      look.badObject(
          FindingKind.OBJECT_CHECKSUM,
          file.kind(),
          file.key(),
          file.checksum(),
          object.checksum().get());
    }
  }

  private void compareManifest(Look look, Receipt receipt) throws IOException {
    Optional<Manifest> found;
    try {
      found = objects.manifest(receipt.manifest());
    } catch (InvalidManifestException e) {
      look.suspect(
          FindingKind.MANIFEST_UNREADABLE,
          null,
          receipt.manifest(),
          "a manifest",
          String.valueOf(e.getMessage()));
      return;
    }
    if (found.isEmpty()) {
      look.suspect(FindingKind.MANIFEST_MISSING, null, receipt.manifest(), "a manifest", "nothing");
      return;
    }
    Manifest manifest = found.get();
    look.found(manifest);
    difference(look.segment(), receipt, manifest)
        .ifPresent(
            difference ->
                look.suspect(
                    FindingKind.MANIFEST_DIFFERS,
                    null,
                    receipt.manifest(),
                    difference.expected(),
                    difference.actual()));
  }

  /** What a manifest says otherwise than the catalog. */
  record Difference(String expected, String actual) {}

  /** The first thing that the manifest says otherwise. */
  static Optional<Difference> difference(
      SegmentMetadata segment, Receipt receipt, Manifest manifest) {
    if (!manifest.id().equals(segment.id())) {
      return differs("segment", segment.id(), manifest.id());
    }
    if (manifest.endOffset() != segment.endOffset()) {
      return differs("end_offset", segment.endOffset(), manifest.endOffset());
    }
    if (manifest.maxTimestampMillis() != segment.maxTimestampMillis()) {
      return differs("max_timestamp", segment.maxTimestampMillis(), manifest.maxTimestampMillis());
    }
    if (manifest.lastModifiedMillis() != segment.lastModifiedMillis()) {
      return differs("last_modified", segment.lastModifiedMillis(), manifest.lastModifiedMillis());
    }
    Set<ArchivedFile> expected = Set.copyOf(receipt.files());
    Set<ArchivedFile> actual = Set.copyOf(manifest.files());
    return expected.equals(actual) ? Optional.empty() : differs("files", expected, actual);
  }

  private static Optional<Difference> differs(String what, Object expected, Object actual) {
    return Optional.of(new Difference(what + "=" + expected, what + "=" + actual));
  }
}
