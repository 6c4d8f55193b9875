package io.takhin.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.testkit.Lie;
import io.takhin.testkit.LyingStore;
import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.Seamed;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.transfer.FreeSpace;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A store that is not true. Whatever it says, no local file goes before the bucket really holds the
 * same bytes, compared here with what the store behind the lies has at that moment; and no reader
 * gets a wrong byte.
 *
 * <p>Against one kind of lie there is no defence before the files go, because the archiver asks for
 * checksums and does not read everything back: a store that repeats the checksum it was sent while
 * it holds other bytes, or claims to hold what it has lost. Its readers are told so.
 */
final class LiesTest {
  private static final int LOG_BYTES = 300_000; // three chunks
  private static final PartitionId PARTITION = new PartitionId("orders", 0);
  private static final Set<Lie> TOLD_WHEN_WRITING =
      EnumSet.of(
          Lie.DROPS_WRITES, Lie.TRUNCATES_WRITES, Lie.FLIPS_WRITES, Lie.TELLS_WRONG_CHECKSUM);
  private static final List<String> OBJECTS =
      List.of(".log", ".index", ".timeindex", ".readindex", ".manifest.json", "");

  private final SteppedClock clock = new SteppedClock();
  private final MemoryStore bucket = new MemoryStore(clock, 5L << 20);
  private final LyingStore store = new LyingStore(bucket);
  private final Model model = new Model();
  private final List<String> untrueFrees = new CopyOnWriteArrayList<>();
  private Path root;
  private TieredStorageManager tiers;

  @BeforeEach
  void open(@TempDir Path directory) throws Exception {
    root = directory;
    TieredOptions options =
        TieredOptions.builder(directory)
            .keyPrefix(Machine.PREFIX)
            .archiveInterval(Duration.ofDays(1))
            .partSizeBytes(5 << 20)
            .readMode(ReadMode.STREAM)
            .verify(VerifyOptions.DEFAULT.with(Duration.ZERO, 0, 0, Level.CHECKSUMS))
            .sweepInterval(Duration.ZERO)
            .outage(Machine.EMPTY_DISK)
            .build();
    tiers = Seamed.open(options, store, clock, new FreeingWatch(), FreeSpace.OF_DISK);
    // Before the store begins to lie: whoever finds a claim that cannot be read stops, and waits
    // for an operator.
    tiers.writer().refresh();
  }

  @AfterEach
  void close() throws CatalogException {
    tiers.close();
  }

  private final class FreeingWatch implements StepObserver {
    @Override
    public void before(DurableStep step, SegmentId id) {
      if (step == DurableStep.FREE_LOCAL_FILES && !hasTrueCopy(id)) {
        untrueFrees.add(id.toString());
      }
    }

    @Override
    public void after(DurableStep step, SegmentId id) {}
  }

  private boolean hasTrueCopy(SegmentId id) {
    return model.find(id).orElseThrow().files().entrySet().stream()
        .allMatch(
            file ->
                Arrays.equals(stored(World.key(id, file.getKey().extension())), file.getValue()));
  }

  private byte[] stored(ObjectKey key) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      var object = bucket.head(key);
      if (object.isPresent()) {
        bucket.read(key, 0, object.get().sizeBytes(), null, Channels.newChannel(bytes));
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new AssertionError("memory does not fail", e);
    }
  }

  private Written sealed() throws Exception {
    Written written = model.append(PARTITION, LOG_BYTES, clock.millis());
    Path directory = Files.createDirectories(root.resolve(PARTITION.directory()));
    for (Map.Entry<FileKind, byte[]> file : written.files().entrySet()) {
      Files.write(directory.resolve(file.getKey().fileName(written.id())), file.getValue());
    }
    tiers.register(written.sealed);
    return written;
  }

  /** Whether it worked; a refusal is what a lie deserves. */
  private boolean archive(Written written) throws Exception {
    try {
      return World.await(tiers.archive(written.id(), "test")).isArchived();
    } catch (IOException | SegmentBusyException e) {
      return false;
    }
  }

  private boolean isArchived(Written written) {
    return tiers.find(written.id()).filter(SegmentMetadata::isArchived).isPresent();
  }

  private static Predicate<String> ending(String object) {
    return key -> key.endsWith(object);
  }

  static Stream<Arguments> writingLies() {
    return TOLD_WHEN_WRITING.stream()
        .flatMap(lie -> OBJECTS.stream().map(object -> Arguments.of(lie, object)));
  }

  @ParameterizedTest(name = "{0} of *{1}")
  @MethodSource("writingLies")
  void nothingIsFreedOnTheWordOfAStoreThatLiesWhenWritten(Lie lie, String object) throws Exception {
    // Given a store that lies from the beginning
    Written written = sealed();
    store.lie(lie, ending(object));

    // When the segment is archived, and asked for again and again
    for (int attempt = 0; attempt < 3; attempt++) {
      archive(written);
      requireReadableOrRefused(written);
      tiers.runPolicy();
    }
    boolean wasTold = store.told() > 0;

    // Then no file went without a true copy
    assertThat(untrueFrees).isEmpty();
    assertThat(wasTold || object.equals(".manifest.json")).isTrue();
    // and once the store is honest all is well, without anybody's help
    store.beHonest();
    clock.advance(Duration.ofMinutes(10));
    tiers.runPolicy();
    // The policy may be at it: then it is busy for a moment.
    await().until(() -> archive(written) || isArchived(written));
    assertThat(untrueFrees).isEmpty();
    requireReadable(written);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"TRUNCATES_READS", "FLIPS_READS", "SWAPS_OBJECTS"})
  void wrongBytesAreNeverReadNorKept(Lie lie) throws Exception {
    for (String object : OBJECTS) {
      // Given two segments that only the bucket has, and a store that lies when it is read
      List<Written> segments = new ArrayList<>(List.of(sealed(), sealed()));
      for (Written written : segments) {
        assertThat(archive(written)).isTrue();
      }
      int toldBefore = store.told();
      store.lie(lie, ending(object));

      // When they are read, then what comes is right or nothing
      for (Written written : segments) {
        requireReadableOrRefused(written);
      }
      assertThat(store.told() > toldBefore || object.equals(".manifest.json"))
          .as("told of %s", object)
          .isTrue();

      // and what was cached meanwhile is right
      store.beHonest();
      clock.advance(Duration.ofMinutes(10));
      for (Written written : segments) {
        requireReadable(written);
      }
    }
    assertThat(untrueFrees).isEmpty();
  }

  @Test
  void oldDataIsNeitherTrustedNorRead() throws Exception {
    // Given objects of somebody who was here before, and a store that does not forget them
    Written written = sealed();
    for (Map.Entry<FileKind, byte[]> file : written.files().entrySet()) {
      ByteBuffer old = ByteBuffer.allocate(file.getValue().length);
      store.put(
          World.key(written.id(), file.getKey().extension()),
          old,
          Crc32c.of(old),
          PutOptions.BINARY);
    }
    store.lie(Lie.ANSWERS_WITH_OLD_DATA, key -> true);

    // When the segment is archived
    boolean archived = archive(written);

    // Then it is not freed
    assertThat(archived).isFalse();
    assertThat(store.told()).isPositive();
    assertThat(untrueFrees).isEmpty();
    requireReadable(written);
    // and when the store answers so only later, readers are told
    store.beHonest();
    assertThat(archive(written)).isTrue();
    store.lie(Lie.ANSWERS_WITH_OLD_DATA, key -> true);
    requireReadableOrRefused(written);
    store.beHonest();
    clock.advance(Duration.ofMinutes(10));
    requireReadable(written);
  }

  @Test
  void deletesThatDidNotHappenKeepNothingReadable() throws Exception {
    // Given a store that keeps what it is told to remove
    Written written = sealed();
    archive(written);
    store.lie(Lie.DROPS_DELETES, key -> true);

    // When the partition is deleted
    World.await(tiers.deletePartition(PARTITION));
    tiers.runPolicy();

    // Then it is gone for readers, whatever the bucket holds
    assertThat(store.told()).isPositive();
    assertThatThrownBy(() -> World.await(tiers.open(written.id(), "test")))
        .isInstanceOf(CatalogException.UnknownSegment.class);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(names = {"FLIPS_WRITES_AND_DENIES", "CLAIMS_LOST_OBJECTS"})
  void readersAreToldOfALieThatWasNotToBeFound(Lie lie) throws Exception {
    // Given a store that repeats the checksum it was sent, and has something else, or nothing
    Written written = sealed();
    store.lie(lie, ending(".log"));
    if (lie == Lie.CLAIMS_LOST_OBJECTS) {
      try (LeasedSegment reader = World.await(tiers.open(written.id(), "test"))) {
        World.await(tiers.archive(reader.files().id(), "test"));
      }
      bucket.delete(World.key(written.id(), "log"));
    }
    assertThat(archive(written)).isTrue();
    assertThat(store.told()).isPositive();

    // When it is read, then never wrong bytes, and the failure names the object
    assertThatThrownBy(() -> readByHook(written))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(written.id().fileStem());
    assertThatThrownBy(() -> readByStream(written, FileKind.LOG, LOG_BYTES / 2, 1000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(written.id().fileStem());
  }

  private void requireReadable(Written written) throws Exception {
    for (int position = 0; position < LOG_BYTES; position += 70_000) {
      assertThat(readByStream(written, FileKind.LOG, position, 70_000)).isTrue();
    }
    assertThat(readByHook(written)).isTrue();
    archive(written); // So that the next round reads the bucket, if it may.
  }

  private void requireReadableOrRefused(Written written) throws Exception {
    for (FileKind kind : written.files().keySet()) {
      for (int position = 0; position < written.file(kind).length; position += 70_000) {
        try {
          assertThat(readByStream(written, kind, position, 70_000)).isTrue();
        } catch (IOException e) {
          assertThat(e).hasMessageContaining(written.id().fileStem());
        }
      }
    }
    try {
      assertThat(readByHook(written)).isTrue();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining(written.id().fileStem());
    }
  }

  private boolean readByStream(Written written, FileKind kind, int position, int bytes)
      throws Exception {
    byte[] all = written.file(kind);
    byte[] expected = Arrays.copyOfRange(all, position, Math.min(all.length, position + bytes));
    try (CachedRange range =
        World.await(
            tiers.reader(written.id()).read(kind, position, expected.length, expected.length))) {
      ByteBuffer got = ByteBuffer.allocate(range.lengthBytes());
      range.readFully(0, got);
      return Arrays.equals(got.array(), expected);
    }
  }

  private boolean readByHook(Written written) throws Exception {
    try (LeasedSegment leased = World.await(tiers.open(written.id(), "test"))) {
      for (Map.Entry<FileKind, byte[]> file : written.files().entrySet()) {
        Path path = leased.files().path(file.getKey()).orElseThrow();
        if (!Arrays.equals(Files.readAllBytes(path), file.getValue())) {
          return false;
        }
      }
      return true;
    }
  }
}
