package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.archive.WriterStatus;
import io.takhin.tiered.archive.WriterStatus.State;
import io.takhin.tiered.archive.WriterStoppedException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Two processes on one prefix: one writes, the other stops, says why, and loses nothing. */
final class WriterTest {
  private static final int BYTES = 3000;
  private static final SegmentId ID = SegmentId.of("orders", 0, 0);
  private static final Duration SETTLED = Duration.ofMinutes(5);
  private static final Duration ANSWERS_EXPIRED = Duration.ofSeconds(10);

  @TempDir Path temporary;
  private Site site;
  private final List<TieredStorageManager> opened = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    site = new Site(Files.createDirectories(temporary.resolve("bucket")));
  }

  @AfterEach
  void close() throws Exception {
    for (TieredStorageManager manager : opened) {
      manager.close();
    }
  }

  /** A process with its data directory, on the one bucket. */
  private record Party(Path root, TieredStorageManager tiers) {
    byte[] content() {
      byte[] content = new byte[BYTES];
      new Random(root.getFileName().toString().hashCode()).nextBytes(content);
      return content;
    }

    /** A segment of the one name, and of bytes that only this process has. */
    Party sealed() throws Exception {
      Path directory = Files.createDirectories(root.resolve(ID.partition().directory()));
      Files.write(directory.resolve(FileKind.LOG.fileName(ID)), content());
      Files.write(directory.resolve(FileKind.INDEX.fileName(ID)), new byte[80]);
      Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(ID)), new byte[24]);
      tiers.register(SegmentMetadata.sealed(ID, 100, 1, BYTES, 1));
      return this;
    }

    SegmentMetadata segment() {
      return tiers.find(ID).orElseThrow();
    }

    State state() {
      return tiers.writer().status().state();
    }

    void requireReadable() throws Exception {
      assertThat(read(tiers, ID)).isEqualTo(content());
    }
  }

  private Party start(String name) throws Exception {
    return start(name, StepObserver.NONE);
  }

  private Party start(String name, StepObserver steps) throws Exception {
    Path root = Files.createDirectories(temporary.resolve(name));
    TieredStorageManager tiers =
        TieredStorageManager.open(
            Site.options(root).build(),
            site.store,
            new DirectorySegments(root),
            new SimpleMeterRegistry(),
            site.clock,
            Site.steps(steps));
    opened.add(tiers);
    return new Party(root, tiers);
  }

  private Party owner(String name, StepObserver steps) throws Exception {
    Party process = start(name, steps);
    process.tiers().writer().requireOwner();
    return process;
  }

  private List<String> epochs() throws StoreException {
    return site.bucket.list("cluster/.takhin/writers/", null, 1000).stream()
        .map(StoredObject::key)
        .map(key -> key.value().substring("cluster/.takhin/writers/".length()))
        .toList();
  }

  @Test
  void theSecondOfTwoStopsSaysWhyAndGoesOnReading() throws Exception {
    Party first = owner("first", StepObserver.NONE).sealed();
    Party second = start("second").sealed();

    assertThatThrownBy(() -> await(second.tiers().archive(ID, "test")))
        .isInstanceOf(WriterStoppedException.class)
        .hasMessageContaining("another writer has this prefix")
        .hasMessageContaining("cluster/.takhin/writers/00000000000000000001.json")
        .hasMessageContaining("writer=" + first.tiers().writer().status().writerId())
        .hasMessageContaining("takhin writer take-over");

    WriterStatus status = second.tiers().writer().status();
    assertThat(status.state()).isEqualTo(State.STOPPED);
    assertThat(status.problem()).contains("local files are kept");
    second.requireReadable();
    // and the first does not notice
    assertThat(await(first.tiers().archive(ID, "test")).isArchived()).isTrue();
    first.requireReadable();
    assertThat(second.tiers().quarantine().list()).isEmpty();
  }

  @Test
  void ofTwoThatStartAtTheSameTimeOneWrites() throws Exception {
    // Given two that both found the prefix free
    CyclicBarrier both = new CyclicBarrier(2);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.PUT && key.endsWith("writers/00000000000000000001.json")) {
              try {
                both.await(3, TimeUnit.MINUTES);
              } catch (Exception e) {
                throw new AssertionError("the other did not come", e);
              }
            }
          }
        });

    Party one = start("one").sealed();
    Party other = start("other").sealed();

    Awaitility.await().until(() -> one.state() != State.WAITING && other.state() != State.WAITING);
    assertThat(List.of(one.state(), other.state()))
        .containsExactlyInAnyOrder(State.WRITING, State.STOPPED);
    assertThat(epochs()).containsExactly("00000000000000000001.json");
  }

  @Test
  void eachStartTakesTheNextEpochAndTheLastFewStay() throws Exception {
    for (int start = 1; start <= 5; start++) {
      try (TieredStorageManager tiers = owner("first", StepObserver.NONE).tiers()) {
        assertThat(tiers.writer().status().epoch()).isEqualTo(start);
      }
    }
    assertThat(epochs())
        .containsExactly(
            "00000000000000000003.json", "00000000000000000004.json", "00000000000000000005.json");
  }

  @Test
  void ofACopiedDataDirectoryTheLaterStartWritesAndTheOtherStaysStopped() throws Exception {
    // Given a process whose directory was copied while it ran
    Party original = owner("original", StepObserver.NONE).sealed();
    copy(original.root(), temporary.resolve("copy"));
    Party copy = owner("copy", StepObserver.NONE);
    assertThat(copy.state()).isEqualTo(State.WRITING);

    // When the original wants to write
    site.clock.advance(ANSWERS_EXPIRED);
    assertThatThrownBy(() -> await(original.tiers().archive(ID, "test")))
        .isInstanceOf(WriterStoppedException.class)
        .hasMessageContaining("copy of this data directory");
    original.requireReadable();

    // Then it does not take the prefix back by itself
    original.tiers().close();
    Party restarted = start("original");
    Awaitility.await().until(() -> restarted.state() == State.STOPPED);
    assertThat(copy.state()).isEqualTo(State.WRITING);

    // but when it is told to, and then the copy stops
    assertThat(restarted.tiers().writer().takeOver().state()).isEqualTo(State.WRITING);
    site.clock.advance(ANSWERS_EXPIRED);
    copy.tiers().writer().refresh();
    assertThat(copy.state()).isEqualTo(State.STOPPED);
  }

  @Test
  void whoeverTookOverFreesNothingBeforeTheOthersRequestsAreOver() throws Exception {
    owner("first", StepObserver.NONE);
    Party second = start("second").sealed();
    second.tiers().writer().takeOver();

    SegmentMetadata archived = await(second.tiers().archive(ID, "test"));
    assertThat(archived.state()).isInstanceOf(SegmentState.Archived.class);
    assertThat(second.root().resolve(ID.path())).exists();

    site.clock.advance(SETTLED);
    assertThat(await(second.tiers().archive(ID, "test")).isArchived()).isTrue();
  }

  @Test
  void nothingIsRemovedFromAPrefixThatWasTakenOverThisMoment() throws Exception {
    // Given an answer of who the owner is that would still serve for an upload
    Party first = owner("first", StepObserver.NONE).sealed();
    assertThat(await(first.tiers().archive(ID, "test")).isArchived()).isTrue();
    List<String> archived = site.keys();
    start("second").tiers().writer().takeOver();

    // When the former owner deletes
    await(first.tiers().deletePartition(ID.partition()));
    first.tiers().runPolicy();
    Site.awaitQuiet(first.tiers());

    // Then it has asked anew
    assertThat(first.state()).isEqualTo(State.STOPPED);
    assertThat(site.keys()).isEqualTo(archived);
  }

  @Test
  void anEpochWhoseAnswerIsLostIsFoundAndCounts() throws Exception {
    site.store.inject(
        new Fault() {
          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.contains("/writers/")) {
              throw new StoreException.Unavailable("injected: timeout", null);
            }
          }
        });
    Party process = start("first");
    Awaitility.await().until(() -> site.store.fired() > 0);
    site.store.heal();

    process.tiers().writer().requireOwner();

    assertThat(process.tiers().writer().status().epoch()).isEqualTo(1);
    assertThat(epochs()).hasSize(1);
  }

  @Test
  void aPrefixThatWasEmptiedIsTakenAgain() throws Exception {
    Party process = owner("first", StepObserver.NONE);
    for (StoredObject object : site.bucket.list("", null, 1000)) {
      site.bucket.delete(object.key());
    }
    site.clock.advance(ANSWERS_EXPIRED);

    process.tiers().writer().requireOwner();

    assertThat(process.state()).isEqualTo(State.WRITING);
    assertThat(epochs()).containsExactly("00000000000000000002.json");
  }

  /** What the loser does when the other comes. */
  private interface Story {
    void tell(Party loser) throws Exception;
  }

  @TestFactory
  Stream<DynamicTest> nobodyLosesAnythingWhereverTheOtherComesIn() throws Exception {
    return Stream.concat(
        interleavings("archives", loser -> await(loser.tiers().archive(ID, "story"))),
        interleavings(
            "fails and cleans up",
            loser -> {
              site.store.refuse(StoreOperation.PUT, "0.readindex");
              await(loser.tiers().archive(ID, "story"));
            }));
  }

  private Stream<DynamicTest> interleavings(String name, Story story) throws Exception {
    PausedAt rehearsal = new PausedAt(-1);
    Party alone = owner("rehearsal " + name, rehearsal).sealed();
    rehearsal.begin();
    tellToTheEnd(story, alone);
    alone.tiers().close();
    site.store.heal();
    for (StoredObject object : site.bucket.list("", null, 1000)) {
      site.bucket.delete(object.key());
    }
    List<String> moments = rehearsal.moments();
    assertThat(moments).isNotEmpty();
    return IntStream.range(0, moments.size())
        .mapToObj(
            moment ->
                dynamicTest(
                    name + ", " + moment + " " + moments.get(moment),
                    () -> interleave(name + " " + moment, story, moment)));
  }

  private void interleave(String name, Story story, int moment) throws Exception {
    site = new Site(Files.createDirectories(temporary.resolve("bucket " + name)));
    // Given a process that stands still in the middle of what it does
    PausedAt pause = new PausedAt(moment);
    Party loser = owner("loser " + name, pause).sealed();
    pause.begin();
    CompletableFuture<Void> telling = CompletableFuture.runAsync(() -> tellToTheEnd(story, loser));
    pause.awaitPaused();
    site.store.heal();

    // When another takes over, and archives its own segment of the same name
    Party winner = start("winner " + name).sealed();
    winner.tiers().writer().takeOver();
    site.clock.advance(ANSWERS_EXPIRED);
    archiveIfFree(winner);
    boolean committed = winner.segment().state() instanceof SegmentState.Archived;
    pause.release();
    telling.get(3, TimeUnit.MINUTES);

    // Then what either had is there, also when the winner has freed what it may
    winner.requireReadable();
    loser.requireReadable();
    site.clock.advance(SETTLED);
    if (committed) { // and of what the winner has committed, the loser has touched nothing
      assertThat(await(winner.tiers().archive(ID, "winner")).isArchived()).isTrue();
    } else {
      archiveIfFree(winner);
    }
    winner.requireReadable();
    loser.requireReadable();
    loser.tiers().writer().refresh();
    assertThat(loser.state()).isEqualTo(State.STOPPED);
    loser.tiers().close();
    winner.tiers().close();
  }

  /** The loser's manifest may stand already; then the winner's segment stays here. */
  private static void archiveIfFree(Party winner) {
    try {
      SegmentMetadata unused = await(winner.tiers().archive(ID, "winner"));
    } catch (Exception e) {
      assertThat(e).isInstanceOf(IOException.class);
    }
  }

  private static void tellToTheEnd(Story story, Party process) {
    try {
      story.tell(process);
    } catch (Exception e) {
      assertThat(e).isInstanceOf(IOException.class); // What it was told is not the point.
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else {
        Files.copy(file, target);
      }
    }
  }

  /** Stands still before or after one step, counted from {@link #begin}. */
  private static final class PausedAt implements StepObserver {
    private final int pauseMoment;
    private final List<String> moments = new ArrayList<>();
    private final CountDownLatch paused = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private boolean counting;

    PausedAt(int pauseMoment) {
      this.pauseMoment = pauseMoment;
    }

    synchronized void begin() {
      counting = true;
    }

    synchronized List<String> moments() {
      return List.copyOf(moments);
    }

    void awaitPaused() throws InterruptedException {
      assertThat(paused.await(3, TimeUnit.MINUTES)).as("the moment was reached").isTrue();
    }

    void release() {
      released.countDown();
    }

    @Override
    public void before(DurableStep step, SegmentId id) {
      pass("before " + step);
    }

    @Override
    public void after(DurableStep step, SegmentId id) {
      pass("after " + step);
    }

    private void pass(String moment) {
      synchronized (this) {
        if (!counting) {
          return;
        }
        moments.add(moment);
        if (moments.size() - 1 != pauseMoment) {
          return;
        }
      }
      paused.countDown();
      try {
        assertThat(released.await(3, TimeUnit.MINUTES)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
