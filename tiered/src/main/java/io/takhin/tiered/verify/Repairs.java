package io.takhin.tiered.verify;

import io.takhin.tiered.archive.Manifest;
import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Repairs what a look found. Each step by itself leaves the segment no worse than it was: only what
 * is bad is overwritten, by bytes that were compared with a proof or with the log.
 *
 * <p>The order is objects, manifest, catalog, local files. Where an index cannot be had byte for
 * byte as it was proved, another one is made from the log; then the objects are written first, the
 * manifest that describes them after, and the catalog's proof last. A crash in between leaves
 * objects and manifest that agree with each other and not with the catalog, on the same log: the
 * next repair sees that and takes the manifest's word.
 *
 * <p>Blocks; called in the segment's turn, so that nothing else moves it.
 */
final class Repairs {
  private final SegmentCatalog catalog;
  private final SegmentObjects objects;
  private final ObjectRepairs objectRepairs;
  private final LocalRepairs localRepairs;
  private final Clock clock;
  private final StepObserver steps;

  Repairs(
      SegmentCatalog catalog,
      SegmentObjects objects,
      ObjectRepairs objectRepairs,
      LocalRepairs localRepairs,
      Clock clock,
      StepObserver steps) {
    this.catalog = catalog;
    this.objects = objects;
    this.objectRepairs = objectRepairs;
    this.localRepairs = localRepairs;
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * Does what can be done about it; look again afterwards to see what that was.
   *
   * @param how told of each thing that was done, for people
   * @throws SegmentBusyException if a reader holds local files that would be replaced
   */
  void repair(Look look, List<String> how)
      throws IOException, CatalogException, SegmentBusyException, InterruptedException {
    SegmentMetadata segment = look.segment();
    Optional<Receipt> proof = segment.state().receipt();
    if (proof.isEmpty()) {
      localRepairs.repair(look, how);
      return;
    }
    objects.requireOwner();
    Receipt receipt = proof.get();
    if (adopted(look, receipt, how) || isForeign(look, receipt)) {
      return;
    }
    if (!look.badObjects().isEmpty()) {
      Optional<List<ArchivedFile>> anew = objectRepairs.repair(look, receipt, how);
      if (anew.isPresent()) {
        replaceProof(look, receipt, anew.get(), how);
        return; // The rest is for the next look, which has the new proof.
      }
    }
    repairManifest(look, receipt, how);
    if (look.has(FindingKind.CATALOG_SIZE)) {
      amend(segment, receipt, how, "size of the log in the catalog");
    }
    if (!look.badFiles().isEmpty()) {
      localRepairs.repair(look, how);
    }
  }

  /**
   * Objects and manifest agree with each other, on the log that was proved, and the catalog says
   * something else of them: a row is wrong, or a repair was broken off after its manifest.
   */
  private boolean adopted(Look look, Receipt receipt, List<String> how)
      throws IOException, CatalogException {
    Optional<Manifest> standing =
        look.manifest().filter(manifest -> isAnotherProofOfTheSameLog(look, receipt, manifest));
    if (standing.isEmpty() || !objects.holdsAll(standing.get().files())) {
      return false;
    }
    Receipt agreed = standing.get().receipt(receipt.manifest(), receipt.committedAtMillis());
    amend(look.segment(), agreed, how, "proof in the catalog, from the manifest");
    return true;
  }

  private static boolean isAnotherProofOfTheSameLog(Look look, Receipt receipt, Manifest manifest) {
    SegmentMetadata segment = look.segment();
    return manifest.id().equals(segment.id())
        && manifest.endOffset() == segment.endOffset()
        && !manifest.files().equals(receipt.files())
        && logOf(manifest)
            .map(log -> log.checksum().equals(receipt.log().checksum()))
            .orElse(false);
  }

  /**
   * What lies there is a whole segment of somebody else; to overwrite it would only start a war.
   */
  private boolean isForeign(Look look, Receipt receipt) throws IOException {
    Optional<Manifest> another =
        look.manifest()
            .filter(manifest -> manifest.id().equals(look.segment().id()))
            .filter(
                manifest ->
                    logOf(manifest)
                        .map(log -> !log.checksum().equals(receipt.log().checksum()))
                        .orElse(false));
    return another.isPresent() && objects.holdsAll(another.get().files());
  }

  private static Optional<ArchivedFile> logOf(Manifest manifest) {
    return manifest.files().stream().filter(file -> file.kind() == FileKind.LOG).findFirst();
  }

  private void replaceProof(Look look, Receipt receipt, List<ArchivedFile> files, List<String> how)
      throws IOException, CatalogException {
    if (!objects.holdsAll(files)) {
      return; // The next look says what is missing.
    }
    writeManifest(look, files);
    how.add("manifest of the new indexes written");
    Receipt agreed = new Receipt(receipt.manifest(), files, receipt.committedAtMillis());
    amend(look.segment(), agreed, how, "proof in the catalog");
  }

  private void repairManifest(Look look, Receipt receipt, List<String> how) throws IOException {
    boolean isBad =
        look.has(FindingKind.MANIFEST_MISSING)
            || look.has(FindingKind.MANIFEST_UNREADABLE)
            || look.has(FindingKind.MANIFEST_DIFFERS);
    if (isBad && objects.holdsAll(receipt.files())) {
      writeManifest(look, receipt.files());
      how.add("manifest written from the receipt");
    }
  }

  private void writeManifest(Look look, List<ArchivedFile> files) throws IOException {
    // Another attempt's name, so that a broken-off attempt never takes it for its own commit.
    String attempt = "repair-" + UUID.randomUUID();
    Manifest manifest = Manifest.of(look.segment(), attempt, clock.millis(), files);
    objects.repair(manifest, look.has(FindingKind.MANIFEST_MISSING));
  }

  private void amend(SegmentMetadata segment, Receipt receipt, List<String> how, String what)
      throws CatalogException {
    SegmentId id = segment.id();
    SegmentState before = segment.state();
    SegmentMetadata amended =
        steps.around(
            DurableStep.RECORD_AMEND, id, () -> catalog.amend(segment, receipt, "repaired"));
    how.add(what + (amended.state().equals(before) ? " corrected" : " replaced"));
  }
}
