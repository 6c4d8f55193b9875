package io.takhin.testkit.history;

import io.takhin.testkit.history.Model.Fate;
import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.TieredStats;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.CatalogStats;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What has to be true of a world that has come to rest. */
final class Invariants {
  private static final int PAGE = 1000;

  private final World world;

  Invariants(World world) {
    this.world = world;
  }

  /** All that can be compared before and after a restart. */
  record Rest(Map<SegmentId, SegmentState> catalog, Map<String, String> bucket, Set<String> files) {
    /** What is in one of them only. */
    String difference(Rest other) {
      return "was " + without(other) + " is " + other.without(this);
    }

    private String without(Rest other) {
      Map<SegmentId, SegmentState> states = new TreeMap<>(catalog);
      states.entrySet().removeAll(other.catalog.entrySet());
      Map<String, String> objects = new TreeMap<>(bucket);
      objects.entrySet().removeAll(other.bucket.entrySet());
      Set<String> names = new HashSet<>(files);
      names.removeAll(other.files);
      return states + " " + objects + " " + names;
    }
  }

  /** A cache that is too small for what was restored may give it up at any time. */
  Rest rest() throws IOException {
    boolean keepsRestored = world.machine.keepsWhatIsRestored();
    Map<SegmentId, SegmentState> states = new TreeMap<>();
    for (SegmentMetadata segment : world.catalog()) {
      boolean mayGo = segment.state() instanceof SegmentState.Restored && !keepsRestored;
      states.put(
          segment.id(),
          mayGo ? ((SegmentState.Restored) segment.state()).reclaim() : segment.state());
    }
    Set<String> files = new HashSet<>(files());
    files.removeIf(file -> file.startsWith(".restored/") && !keepsRestored);
    Map<String, String> objects = new TreeMap<>();
    for (StoredObject object : objects()) {
      String key = object.key().value();
      if (!World.isOwn(key)) { // Each start takes an epoch.
        objects.put(key, object.etag());
      }
    }
    return new Rest(states, objects, files);
  }

  /** Everything, reading all that was written. */
  void check() throws Exception {
    requireQuiet();
    requireGapsKnown();
    requireFiles();
    requireNoOrphans();
    requireStats();
    requireReadable();
    world.machine.awaitQuiet();
  }

  private void violated(String what) {
    world.violations.add(what);
  }

  private void requireQuiet() throws IOException {
    world.machine.awaitQuiet(); // Fails if an operation does not end; a pass may just have begun.
    TieredStats stats = world.tiers().stats();
    if (stats.unfinished() != 0 || !world.tiers().transfers().isEmpty()) {
      violated("not at rest: " + stats + " transfers=" + world.tiers().transfers());
    }
    if (!world.bucket.pendingUploads("").isEmpty()) {
      violated("uploads are pending: " + world.bucket.pendingUploads(""));
    }
  }

  /** The bucket has a record of each gap, and of nothing else: a rebuild goes by these. */
  private void requireGapsKnown() throws IOException {
    Set<Gap> told = new HashSet<>(NextMachine.gaps(world));
    Set<Gap> known = new HashSet<>(world.tiers().gaps().all());
    if (!told.equals(known)) {
      violated("the bucket tells of gaps " + told + " and there are " + known);
    }
  }

  /** What was not deleted is there, byte for byte; what was is not. */
  private void requireReadable() throws Exception {
    for (Written written : world.model.all()) {
      boolean isGap =
          world
              .tiers()
              .gaps()
              .covering(written.id().partition(), written.id().baseOffset())
              .isPresent();
      if (written.fate() == Fate.KEPT && isGap) {
        if (!written.isGivenUp()) {
          violated("within a gap and never given up: " + written.id());
        }
        requireGone(written.id());
      } else if (written.fate() == Fate.KEPT) {
        try {
          world.readRange(
              written, FileKind.LOG, 0, written.sealed.sizeBytes() > 1 << 20 ? 300_000 : 1 << 20);
          world.readWhole(written);
        } catch (Exception e) {
          violated("lost: " + world.tiers().find(written.id()) + " " + e);
        }
      } else {
        requireGone(written.id());
      }
    }
  }

  private void requireGone(SegmentId id) throws Exception {
    if (world.tiers().find(id).isPresent()) {
      violated("deleted and still known: " + world.tiers().find(id));
    }
    try {
      World.await(world.tiers().open(id, "history")).close();
      violated("deleted and still readable: " + id);
    } catch (CatalogException.UnknownSegment
        | SegmentBusyException
        | NoSuchFileException expected) {
      if (world.machine.hasFiles(id)) {
        violated("deleted and its files are here: " + id);
      }
    }
    ObjectKey manifest = World.key(id, "manifest.json");
    if (world.bucket.head(manifest).isPresent() && !world.isTamperedWith(id)) {
      violated("deleted and its manifest stands: " + manifest);
    }
  }

  /** Each object is one that a receipt names, and each that the only copy consists of is there. */
  private void requireNoOrphans() throws IOException {
    Map<String, @Nullable Long> named = new HashMap<>();
    for (SegmentMetadata segment : world.catalog()) {
      segment
          .state()
          .receipt()
          .ifPresent(
              receipt -> {
                boolean onlyCopy = segment.state() instanceof SegmentState.RemoteOnly;
                named.put(receipt.manifest().value(), null);
                for (ArchivedFile file : receipt.files()) {
                  named.put(file.key().value(), onlyCopy ? file.sizeBytes() : null);
                }
              });
    }
    for (StoredObject object : objects()) {
      String key = object.key().value();
      if (World.isOwn(key)) {
        continue;
      }
      if (named.containsKey(key)) {
        Long sizeBytes = named.remove(key);
        if (sizeBytes != null && sizeBytes != object.sizeBytes()) {
          violated("only copy is not as proved: " + object);
        }
      } else if (!mayStay(World.segmentOf(key))) {
        violated("orphan: " + key);
      }
    }
    named.forEach(
        (key, sizeBytes) -> {
          if (sizeBytes != null) {
            violated("only copy is gone: " + key);
          }
        });
  }

  /** A sweep leaves a manifest that nobody knows, and what lies beside it, to a rebuild. */
  private boolean mayStay(SegmentId id) throws IOException {
    return world.isTamperedWith(id)
        && world.bucket.head(World.key(id, "manifest.json")).isPresent();
  }

  /** Whatever a receipt names holds what the broker wrote. */
  void requireTrueObjects() throws IOException {
    for (SegmentMetadata segment : world.catalog()) {
      Written written = world.model.find(segment.id()).orElseThrow();
      if (segment.state().receipt().isEmpty() || segment.state() instanceof SegmentState.Deleting) {
        continue;
      }
      for (Map.Entry<FileKind, byte[]> file : written.files().entrySet()) {
        ObjectKey key = World.key(segment.id(), file.getKey().extension());
        if (!Arrays.equals(world.object(key).orElse(null), file.getValue())) {
          violated("verified and not as it was written: " + key + " " + segment);
        }
      }
    }
  }

  private List<StoredObject> objects() throws IOException {
    List<StoredObject> page = world.bucket.list("", null, PAGE);
    List<StoredObject> all = new ArrayList<>(page);
    while (page.size() == PAGE) {
      page = world.bucket.list("", page.get(PAGE - 1).key(), PAGE);
      all.addAll(page);
    }
    return all;
  }

  /** No temporary files, and none of segments that are not here. */
  private void requireFiles() throws IOException {
    for (String file : files()) {
      boolean restored = file.startsWith(".restored/");
      String path = restored ? file.substring(".restored/".length()) : file;
      if (restored && isKeptForTheNextRestore(path)) {
        continue;
      }
      if (!path.matches("[a-z]+-\\d/\\d{20}\\.[a-z]+")) {
        violated("left over on the disk: " + file);
        continue;
      }
      SegmentId id = SegmentId.parse(path.substring(0, path.indexOf('.')) + ".log");
      boolean isHere =
          world.tiers().find(id).map(segment -> segment.state().isLocal()).orElse(false);
      if (!isHere) {
        violated("file of a segment that is not here: " + file + " " + world.tiers().find(id));
      }
    }
  }

  /** What a download that failed had brought already, of a segment that only the bucket has. */
  private boolean isKeptForTheNextRestore(String path) {
    if (!path.matches("[a-z]+-\\d/\\d{20}\\.[a-z]+\\.part-(data|ranges)")) {
      return false;
    }
    SegmentId id = SegmentId.parse(path.substring(0, path.indexOf('.')) + ".log");
    return world
        .tiers()
        .find(id)
        .map(segment -> segment.state() instanceof SegmentState.RemoteOnly)
        .orElse(false);
  }

  private List<String> files() throws IOException {
    Path root = world.machine.root();
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(file -> !file.startsWith(".catalog") && !file.startsWith(".chunks"))
          .toList();
    }
  }

  /** The sums that are kept up agree with a count. */
  private void requireStats() {
    CatalogStats stats = world.tiers().stats().catalog();
    Map<String, Long> byState = new HashMap<>();
    long totalBytes = 0;
    long localBytes = 0;
    long remoteBytes = 0;
    long restoredBytes = 0;
    List<SegmentMetadata> catalog = world.catalog();
    for (SegmentMetadata segment : catalog) {
      SegmentState state = segment.state();
      byState.merge(state.label(), 1L, Long::sum);
      totalBytes += segment.sizeBytes();
      localBytes += state.isLocal() ? segment.sizeBytes() : 0;
      remoteBytes += state.receipt().isPresent() ? segment.sizeBytes() : 0;
      restoredBytes += state instanceof SegmentState.Restored ? segment.sizeBytes() : 0;
    }
    Map<String, Long> counted = new HashMap<>(stats.byState());
    counted.values().removeIf(count -> count == 0);
    if (stats.segments() != catalog.size()
        || !counted.equals(byState)
        || stats.totalBytes() != totalBytes
        || stats.localBytes() != localBytes
        || stats.remoteBytes() != remoteBytes
        || stats.restoredBytes() != restoredBytes) {
      violated("stats do not agree with a count: " + stats + " counted=" + byState);
    }
  }
}
