package io.takhin.tiered.verify;

import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.TransferEngine;
import java.io.IOException;
import java.util.Optional;

/** Looks at one segment, wherever it is. */
final class Examiner {
  private final SegmentCatalog catalog;
  private final ObjectLook objectLook;
  private final ContentLook contentLook;
  private final LocalLook localLook;

  Examiner(
      SegmentCatalog catalog,
      LocalCopies copies,
      ObjectStore store,
      SegmentObjects objects,
      TransferEngine engine,
      Pace pace) {
    Bytes bytes = new Bytes(engine, pace);
    this.catalog = catalog;
    this.objectLook = new ObjectLook(store, objects, pace);
    this.contentLook = new ContentLook(bytes);
    this.localLook = new LocalLook(catalog, copies, bytes);
  }

  /**
   * Looks at what a segment is said to have. One that is being uploaded or deleted is left alone:
   * what of it exists is nobody's promise.
   *
   * @param segment as the catalog has it now
   * @return what is wrong, or that the segment was on its way meanwhile, which is no finding
   * @throws io.takhin.tiered.store.StoreException.Unavailable if the store is down
   * @throws io.takhin.tiered.store.StoreException.Rejected if it refused
   */
  Look look(SegmentMetadata segment, Level level) throws IOException, InterruptedException {
    Look look = new Look(segment);
    SegmentState state = segment.state();
    if (state instanceof SegmentState.Uploading || state instanceof SegmentState.Deleting) {
      look.moved();
      return look;
    }
    Optional<Receipt> receipt = state.receipt();
    if (receipt.isPresent()) {
      objectLook.look(look, receipt.get());
      if (level.includes(Level.CONTENT)) {
        contentLook.look(look, receipt.get());
      }
    }
    if (state.isLocal()) {
      localLook.look(look, level);
    }
    boolean isSame = catalog.find(segment.id()).map(now -> now.state().equals(state)).orElse(false);
    if (!isSame) {
      look.moved();
    }
    return look;
  }
}
