package io.takhin.tiered.rebuild;

import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.archive.WriterEpoch;
import io.takhin.tiered.archive.WriterStatus;
import io.takhin.tiered.catalog.CatalogBuilder;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a catalog from what the bucket holds.
 *
 * <pre>{@code
 * try (CatalogRebuild rebuild = CatalogRebuild.begin(store, options, catalogFile)) {
 *   RebuildReport report = rebuild.fill();
 *   // whatever else has to be there before the catalog is
 *   rebuild.place();
 * }
 * CatalogRebuild.takeOver(store, options, catalogFile, clock);
 * }</pre>
 *
 * <p>Every segment whose manifest can be read and whose log lies there in its size is taken in, as
 * one that only the bucket has; and so is every hold, so that nobody can delete what it keeps
 * before the archiver has looked. Nothing in the bucket is changed. One thread, which blocks; ends
 * early when interrupted.
 */
public final class CatalogRebuild implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogRebuild.class);

  private static final BucketSurvey.Sink NOTHING =
      new BucketSurvey.Sink() {
        @Override
        public void take(SegmentMetadata segment) {}

        @Override
        public void take(Gap gap) {}

        @Override
        public void take(Hold hold) {}
      };

  private final ObjectStore store;
  private final RebuildOptions options;
  private final CatalogBuilder builder;

  private CatalogRebuild(ObjectStore store, RebuildOptions options, CatalogBuilder builder) {
    this.store = store;
    this.options = options;
    this.builder = builder;
  }

  /** What {@link #fill} would find; writes nothing. */
  public static RebuildReport dryRun(ObjectStore store, RebuildOptions options)
      throws IOException, InterruptedException {
    try {
      return new BucketSurvey(store, options).run(NOTHING);
    } catch (CatalogException e) {
      throw new IllegalStateException("a sink that does nothing failed", e);
    }
  }

  /**
   * Begins; what an earlier rebuild left unfinished is replaced.
   *
   * @throws CatalogException if there is a catalog already, or its place cannot be written
   */
  public static CatalogRebuild begin(ObjectStore store, RebuildOptions options, Path catalogFile)
      throws CatalogException {
    return begin(store, options, catalogFile, StepObserver.NONE);
  }

  /** As {@link #begin(ObjectStore, RebuildOptions, Path)}, and tells the durable step. */
  public static CatalogRebuild begin(
      ObjectStore store, RebuildOptions options, Path catalogFile, StepObserver steps)
      throws CatalogException {
    return new CatalogRebuild(store, options, CatalogBuilder.begin(catalogFile, steps));
  }

  /** Reads the bucket into the catalog to be. Once. */
  public RebuildReport fill() throws IOException, CatalogException, InterruptedException {
    RebuildReport report = new BucketSurvey(store, options).run(into(builder));
    LOG.info(
        "bucket_read store=\"{}\" partitions={} segments={} problems={} requests={}",
        store.description(),
        report.partitions().size(),
        report.segments(),
        report.problemCount(),
        report.requests());
    return report;
  }

  private static BucketSurvey.Sink into(CatalogBuilder builder) {
    return new BucketSurvey.Sink() {
      @Override
      public void take(SegmentMetadata segment) throws CatalogException {
        builder.add(segment);
      }

      @Override
      public void take(Gap gap) throws CatalogException {
        builder.add(gap);
      }

      @Override
      public void take(Hold hold) throws CatalogException {
        builder.add(Hold.NOTES, hold.name(), hold);
      }
    };
  }

  /**
   * Makes the rebuilt catalog's writer that of the prefix, which is still that of the lost one: who
   * rebuilds says by it that the other has ended for good. After {@link #close}.
   *
   * @throws IOException if the store does not answer; may be repeated, or done from the console
   */
  public static void takeOver(
      ObjectStore store, RebuildOptions options, Path catalogFile, Clock clock)
      throws IOException, CatalogException {
    SegmentKeys keys = new SegmentKeys(options.keyPrefix());
    try (SegmentCatalog catalog = SegmentCatalog.open(catalogFile, clock)) {
      WriterStatus status =
          WriterEpoch.open(catalog, store, keys, clock, StepObserver.NONE).takeOver();
      LOG.info("prefix_taken_over store=\"{}\" writer={}", store.description(), status);
    }
  }

  /** Puts the catalog into its place, durably. */
  public void place() throws CatalogException {
    builder.place();
  }

  @Override
  public void close() throws CatalogException {
    builder.close();
  }
}
