package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.disk.DiskUsage;
import io.takhin.tiered.disk.OutagePolicy;
import io.takhin.tiered.rebuild.CatalogRebuild;
import io.takhin.tiered.rebuild.RebuildOptions;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import io.takhin.tiered.verify.VerifyReport;
import io.takhin.tiered.verify.VerifyRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * Part of a segment's life, played with a crash or a failure at each of its durable steps. All
 * scenes together make every {@link io.takhin.tiered.segment.DurableStep}; whoever adds a step adds
 * it to a scene, or a scene.
 */
enum Scene {
  /** A segment leaves and comes back. */
  ARCHIVE_AND_RESTORE {
    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      attempt(tiers.archive(id(), "scene"));
      attempt(tiers.restore(id(), "scene"));
    }
  },
  /** An upload fails and is undone. */
  ABANDON {
    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      site.store.refuse(StoreOperation.PUT, ".log");
      attempt(tiers.archive(id(), "scene"));
      site.store.heal();
      attempt(() -> tiers.quarantine().retry(id()));
    }

    @Override
    boolean hasFaults() {
      return true;
    }
  },
  /** The bucket loses what was proved, and the proof is taken back. */
  REFUTE {
    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      try (var reader = await(tiers.open(id(), "scene"))) {
        Optional<SegmentMetadata> archived = attempt(tiers.archive(reader.files().id(), "scene"));
        if (archived.isPresent()) {
          site.bucket.delete(archived.get().objectKey().orElseThrow());
        }
      }
      attempt(tiers.archive(id(), "scene"));
    }
  },
  /** A partition is deleted of which the bucket has a segment that is restored, too. */
  DELETE {
    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      attempt(tiers.archive(id(), "scene"));
      attempt(tiers.restore(id(), "scene"));
      attempt(tiers.deletePartition(id().partition()));
      tiers.runPolicy();
    }

    @Override
    boolean deletes() {
      return true;
    }
  },
  /** A partition is deleted that the bucket has nothing of. */
  DELETE_LOCAL {
    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      attempt(tiers.deletePartition(id().partition()));
    }

    @Override
    boolean deletes() {
      return true;
    }
  },
  /** A deleted segment stays for a while, and then goes. */
  DELETE_LATER {
    @Override
    TieredOptions.Builder options(Site site, TieredOptions.Builder options) {
      return options.deleteDelay(DELETE_DELAY);
    }

    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      attempt(tiers.archive(id(), "scene"));
      attempt(tiers.deletePartition(id().partition()));
      tiers.runPolicy(); // The tombstone is written.
      Site.awaitQuiet(tiers);
      timePasses(site);
      tiers.runPolicy();
    }

    @Override
    void timePasses(Site site) {
      site.clock.advance(DELETE_DELAY);
    }

    @Override
    boolean deletes() {
      return true;
    }
  },
  /** A deleted segment is brought back. */
  UNDELETE {
    @Override
    TieredOptions.Builder options(Site site, TieredOptions.Builder options) {
      return options.deleteDelay(DELETE_DELAY);
    }

    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      if (attempt(tiers.archive(id(), "scene")).isEmpty()) {
        return; // What was never archived cannot be undeleted.
      }
      attempt(tiers.deletePartition(id().partition()));
      tiers.runPolicy();
      Site.awaitQuiet(tiers);
      attempt(() -> await(tiers.deletions().undelete(id(), "scene")));
      tiers.runPolicy();
    }

    @Override
    void insist(TieredStorageManager tiers) throws Exception {
      await(tiers.deletions().undelete(id(), "insisted"));
    }

    @Override
    boolean needsInsisting() {
      return true;
    }
  },
  /** A hold is set and released. */
  HOLD {
    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      tiers.runPolicy(); // The holds in the bucket are known from here on.
      Hold hold = Hold.ofTopic(NAME, id().partition().topic(), "to be kept", 1);
      if (attempt(() -> tiers.holds().set(hold)).isPresent()) {
        attempt(() -> tiers.holds().release(NAME));
      }
    }

    @Override
    void insist(TieredStorageManager tiers) throws Exception {
      tiers.runPolicy();
      tiers.holds().set(Hold.ofTopic(NAME, id().partition().topic(), "to be kept", 1));
      tiers.holds().release(NAME);
    }
  },
  /** The archiver was started so often before that the oldest epochs of the prefix go. */
  START_AGAIN {
    @Override
    void prepare(Site site, Seams seams) throws Exception {
      for (int start = 0; start < FORMER_STARTS; start++) {
        try (TieredStorageManager former = site.open(options -> options(site, options), seams)) {
          for (SegmentId id : ids()) {
            former.register(write(site, id));
          }
          attempt(() -> requireOwner(former));
        }
      }
    }

    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      attempt(tiers.archive(id(), "scene"));
    }
  },
  /**
   * The indexes of a segment that only the bucket has are lost, made anew with other bytes, and
   * described by another manifest and another proof; then a restored index is damaged.
   */
  REPAIR {
    @Override
    TieredOptions.Builder options(Site site, TieredOptions.Builder options) {
      return options.verify(
          VerifyOptions.DEFAULT
              .with(Duration.ZERO, 0, 0, Level.CHECKSUMS)
              .withDelays(Duration.ZERO, Duration.ZERO));
    }

    @Override
    SegmentMetadata write(Site site, SegmentId id) throws Exception {
      return id.equals(id())
          ? RecordLog.of(id, LOG_BYTES, BATCH_BYTES).write(site.root, site.clock.millis())
          : super.write(site, id);
    }

    @Override
    byte[] content(SegmentId id) {
      return id.equals(id()) ? RecordLog.of(id, LOG_BYTES, BATCH_BYTES).log() : super.content(id);
    }

    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      if (attempt(tiers.archive(id(), "scene")).isPresent()) {
        for (FileKind kind : List.of(FileKind.INDEX, FileKind.TIMEINDEX, FileKind.READINDEX)) {
          site.bucket.delete(
              new ObjectKey(
                  "cluster/"
                      + id().partition().directory()
                      + "/"
                      + id().fileStem()
                      + "."
                      + kind.extension()));
        }
      }
      attempt(() -> verify(tiers, Level.CHECKSUMS, true));
      attempt(tiers.restore(id(), "scene"));
      Path restored =
          new DirectorySegments(site.root.resolve(".restored")).directory(id().partition());
      if (tiers.find(id()).orElseThrow().state() instanceof SegmentState.Restored) {
        Files.write(restored.resolve(FileKind.INDEX.fileName(id())), new byte[64]);
      }
      attempt(() -> verify(tiers, Level.CHECKSUMS, true));
    }

    @Override
    void insist(TieredStorageManager tiers) throws Exception {
      VerifyReport repair = verify(tiers, Level.CHECKSUMS, true);
      assertThat(repair.isClean()).as("repaired: %s", repair).isTrue();
      assertThat(verify(tiers, Level.CONTENT, false).findings()).isEmpty();
    }

    private VerifyReport verify(TieredStorageManager tiers, Level level, boolean repair)
        throws Exception {
      VerifyRequest request = new VerifyRequest(level, id().partition().topic(), repair);
      return await(tiers.verifier().begin(request).outcome());
    }

    @Override
    boolean needsInsisting() {
      return true;
    }
  },
  /** The store goes silent, the disk fills, two segments are given up, and one comes back. */
  SHED {
    @Override
    TieredOptions.Builder options(Site site, TieredOptions.Builder options) {
      return options.outage(
          Site.outage(
              OutagePolicy.SHED, directory -> new DiskUsage(site.diskUsed.get(), DISK_BYTES)));
    }

    @Override
    List<SegmentId> ids() {
      return List.of(id(), ANSWERED_LATE, bystander());
    }

    @Override
    SegmentMetadata write(Site site, SegmentId id) throws Exception {
      site.clock.advance(Duration.ofSeconds(1)); // The first ones are the oldest.
      return super.write(site, id);
    }

    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      ShedTest.goSilentAfterManifest(site);
      attempt(tiers.archive(ANSWERED_LATE, "scene"));
      for (int i = 0; i < 5; i++) {
        attempt(tiers.archive(id(), "scene"));
      }
      site.diskUsed.set(FULL_BYTES);
      tiers.runPolicy();
      site.diskUsed.set(0);
      site.store.heal();
      tiers.runPolicy();
    }

    @Override
    boolean hasFaults() {
      return true;
    }

    @Override
    boolean mayGiveUp(SegmentId id) {
      return true; // Where a step fails, others go in its place.
    }
  },
  /** An object and an upload that belong to nothing are swept away. */
  SWEEP {
    @Override
    TieredOptions.Builder options(Site site, TieredOptions.Builder options) {
      return options.sweepGrace(Duration.ZERO);
    }

    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      ByteBuffer orphan = ByteBuffer.wrap(new byte[10]);
      site.bucket.put(ORPHAN, orphan, Crc32c.of(orphan), PutOptions.BINARY);
      ObjectStore.Multipart unfinished = site.bucket.startMultipart(ORPHAN, PutOptions.BINARY);
      assertThat(site.bucket.pendingUploads("")).contains(unfinished.upload());
      attempt(tiers.sweeper().sweep());
    }

    @Override
    void insist(TieredStorageManager tiers) throws Exception {
      assertThat(await(tiers.sweeper().sweep()).result().retained()).isZero();
    }
  },
  /** A catalog is made of what the bucket holds. */
  REBUILD {
    @Override
    void play(Site site, TieredStorageManager tiers) throws Exception {
      attempt(tiers.archive(id(), "scene"));
    }

    @Override
    void afterwards(Site site, StepObserver steps) throws Exception {
      Path rebuilt = site.root.resolve(".catalog").resolve("rebuilt.db");
      try (CatalogRebuild rebuild =
          CatalogRebuild.begin(
              site.store, RebuildOptions.fromBucketAlone("cluster"), rebuilt, steps)) {
        attempt(
            () -> {
              rebuild.fill();
              rebuild.place();
              return rebuilt;
            });
      }
    }
  };

  private static final ObjectKey ORPHAN =
      new ObjectKey("cluster/orders-0/00000000000000000900.log");

  /** Given up, although the bucket turns out to have it. */
  private static final SegmentId ANSWERED_LATE = SegmentId.of("scene.shed", 0, 100);

  /** Of a disk that is full by more than one segment, and by less than two. */
  private static final long FULL_BYTES = 48_500;

  private static final long DISK_BYTES = 50_000;
  private static final int LOG_BYTES = 60_000;
  private static final int BATCH_BYTES = 20_000;
  private static final int FORMER_STARTS = 3;
  private static final Duration DELETE_DELAY = Duration.ofMinutes(10);
  private static final String NAME = "audit";

  static final int BYTES = 3_000;

  /** The segment that it is about; there is another one that nothing happens to. */
  SegmentId id() {
    return SegmentId.of("scene." + name().toLowerCase(Locale.ROOT), 0, 0);
  }

  static SegmentId bystander() {
    return SegmentId.of("bystander", 0, 0);
  }

  List<SegmentId> ids() {
    return List.of(id(), bystander());
  }

  /** Whether it ends with the segment gone. */
  boolean deletes() {
    return false;
  }

  /** What happened before. */
  void prepare(Site site, Seams seams) throws Exception {}

  /** What happens in the end, beside the archiver. */
  void afterwards(Site site, StepObserver steps) throws Exception {}

  /** What it wants of the archiver. */
  TieredOptions.Builder options(Site site, TieredOptions.Builder options) {
    return options;
  }

  /** Writes the segment into the log's directory. */
  SegmentMetadata write(Site site, SegmentId id) throws Exception {
    return site.write(id, BYTES);
  }

  /** What its log holds. */
  byte[] content(SegmentId id) {
    return Site.content(id, BYTES);
  }

  /** Whether requests fail in it anyway. */
  boolean hasFaults() {
    return false;
  }

  /** Whether the segment may be given up, which a gap has to say. */
  boolean mayGiveUp(SegmentId id) {
    return false;
  }

  /** Whether the segment may be unreadable until {@link #insist}. */
  boolean needsInsisting() {
    return false;
  }

  /** Until what the scene left to time is due. */
  void timePasses(Site site) {}

  /** Whoever was not told that it worked asks again; it may have worked. */
  void insist(TieredStorageManager tiers) throws Exception {
    if (deletes()) {
      await(tiers.deletePartition(id().partition()));
    }
  }

  /** Plays it; an operation that fails does not end it, a crash does. */
  abstract void play(Site site, TieredStorageManager tiers) throws Exception;

  /** Opens, registers, plays, and waits until nothing is under way. */
  TieredStorageManager stage(Site site, Seams seams) throws Exception {
    prepare(site, seams);
    TieredStorageManager tiers = site.open(options -> options(site, options), seams);
    for (SegmentId id : ids()) {
      tiers.register(write(site, id));
    }
    play(site, tiers);
    afterwards(site, seams.steps());
    Site.awaitQuiet(tiers);
    return tiers;
  }

  /** The result; empty if it was refused or failed as operations do. */
  private static <T> Optional<T> attempt(CompletableFuture<T> outcome) throws Exception {
    return attempt(() -> await(outcome));
  }

  private static <T> Optional<T> attempt(Callable<T> operation) throws Exception {
    try {
      return Optional.ofNullable(operation.call());
    } catch (IOException | CatalogException | SegmentBusyException e) {
      return Optional.empty();
    }
  }

  private static boolean requireOwner(TieredStorageManager tiers) throws Exception {
    tiers.writer().requireOwner();
    return true;
  }

  static Set<Scene> all() {
    return EnumSet.allOf(Scene.class);
  }
}
