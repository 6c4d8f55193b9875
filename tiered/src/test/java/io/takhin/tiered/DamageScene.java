package io.takhin.tiered;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.file.FileStore;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import io.takhin.tiered.verify.VerifyReport;
import io.takhin.tiered.verify.VerifyRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * Three segments of real batches, a bucket of files that can be damaged behind the store's back,
 * and the means to do so: one segment only in the bucket, one restored, one archived with its own
 * files still here, and a fourth that was never archived.
 */
final class DamageScene implements AutoCloseable {
  static final SegmentId REMOTE = SegmentId.of("orders", 0, 0);
  static final SegmentId RESTORED = SegmentId.of("orders", 0, 1_000_000);
  static final SegmentId ARCHIVED = SegmentId.of("orders", 1, 0);
  static final SegmentId LOCAL = SegmentId.of("orders", 1, 1_000_000);

  /** Its index entries are further apart than a rebuild would make them. */
  static final SegmentId SPARSE = SegmentId.of("orders", 2, 0);

  static final List<SegmentId> ALL = List.of(REMOTE, RESTORED, ARCHIVED, LOCAL, SPARSE);
  private static final int LOG_BYTES = 300_000;
  private static final int SPARSE_INTERVAL_BYTES = 20_000;
  private static final Duration RESIDENCY = Duration.ofHours(1);

  final MutableClock clock = new MutableClock(Instant.parse("2026-03-01T00:00:00Z"));
  final Path data;
  final Path bucketRoot;
  final FileStore bucket;
  private final Map<SegmentId, byte[]> originals = new HashMap<>();
  private TieredStorageManager tiers;

  DamageScene(Path root) throws Exception {
    this.data = Files.createDirectories(root.resolve("data"));
    this.bucketRoot = root.resolve("bucket");
    this.bucket = FileStore.open(bucketRoot, clock, 5 << 20);
    this.tiers = open();
    for (SegmentId id : ALL) {
      RecordLog log =
          id.equals(SPARSE)
              ? RecordLog.of(id, LOG_BYTES, SPARSE_INTERVAL_BYTES)
              : RecordLog.of(id, LOG_BYTES);
      originals.put(id, log.log());
      tiers.register(log.write(data, clock.millis()));
    }
    for (SegmentId id : List.of(REMOTE, RESTORED, SPARSE)) {
      Site.await(tiers.archive(id, "scene"));
    }
    clock.advance(RESIDENCY);
    for (SegmentId id : List.of(REMOTE, RESTORED, SPARSE)) {
      Site.await(tiers.archive(id, "scene"));
    }
    Site.await(tiers.restore(RESTORED, "scene"));
    Site.await(tiers.archive(ARCHIVED, "scene"));
    clock.advance(Duration.ofSeconds(1));
  }

  private TieredStorageManager open() throws Exception {
    TieredOptions options =
        Site.options(data)
            .minResidency(RESIDENCY)
            .coldAge(Duration.ofDays(100))
            .verify(
                VerifyOptions.DEFAULT
                    .with(Duration.ZERO, 0, 0, Level.CHECKSUMS)
                    .withDelays(Duration.ZERO, Duration.ZERO))
            .build();
    return TieredStorageManager.open(
        options, bucket, new DirectorySegments(data), new SimpleMeterRegistry(), clock);
  }

  /** Archives a segment one file of which is wrong before anybody proves it. */
  void archiveWrong(FileKind wrong) throws Exception {
    SegmentId id = SegmentId.of("orders", 3, 0);
    SegmentMetadata sealed = RecordLog.of(id, LOG_BYTES).write(data, clock.millis());
    flipFile(id, wrong);
    tiers.register(sealed);
    Site.await(tiers.archive(id, "scene"));
  }

  /**
   * Changes one bit of the only copy's read index, and has manifest and catalog prove that.
   *
   * @param part where the changed byte is
   */
  void proveWrongReadIndex(ToIntFunction<ReadIndex> part) throws Exception {
    ObjectKey key = key(REMOTE, "readindex");
    byte[] content = object(key);
    String sound = Crc32c.of(ByteBuffer.wrap(content)).base64();
    content[part.applyAsInt(ReadIndex.parse(ByteBuffer.wrap(content)))] ^= 4;
    String wrong = Crc32c.of(ByteBuffer.wrap(content)).base64();
    put(key, content);
    ObjectKey manifest = key(REMOTE, "manifest.json");
    putText(manifest, text(manifest).replace(sound, wrong));
    changeRows(
        "UPDATE segment SET files = replace(files, '"
            + sound
            + "', '"
            + wrong
            + "') WHERE partition = 0 AND base_offset = 0");
  }

  TieredStorageManager tiers() {
    return tiers;
  }

  /** Changes the catalog's file while nobody has it open. */
  void changeRows(String sql) throws Exception {
    tiers.close();
    Path file = data.resolve(".catalog").resolve("segments.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      if (statement.executeUpdate(sql) != 1) {
        throw new AssertionError("expected one changed row: " + sql);
      }
    }
    tiers = open();
  }

  VerifyReport verify(Level level, boolean repair) throws Exception {
    return Site.await(tiers.verifier().begin(new VerifyRequest(level, null, repair)).outcome());
  }

  SegmentMetadata segment(SegmentId id) {
    return tiers.find(id).orElseThrow();
  }

  byte[] original(SegmentId id) {
    return Objects.requireNonNull(originals.get(id)).clone();
  }

  /** The log as a reader gets it now. */
  byte[] read(SegmentId id) throws Exception {
    try (LeasedSegment leased = Site.await(tiers.open(id, "test"))) {
      return Files.readAllBytes(leased.files().log());
    }
  }

  static ObjectKey key(SegmentId id, String extension) {
    return new ObjectKey(
        "cluster/" + id.partition().directory() + "/" + id.fileStem() + "." + extension);
  }

  byte[] object(ObjectKey key) throws IOException {
    StoredObject object = bucket.head(key).orElseThrow();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bucket.read(key, 0, object.sizeBytes(), null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  void put(ObjectKey key, byte[] content) throws IOException {
    ByteBuffer body = ByteBuffer.wrap(content);
    bucket.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }

  void putText(ObjectKey key, String content) throws IOException {
    put(key, content.getBytes(StandardCharsets.UTF_8));
  }

  String text(ObjectKey key) throws IOException {
    return new String(object(key), StandardCharsets.UTF_8);
  }

  void delete(ObjectKey key) throws IOException {
    if (bucket.head(key).isEmpty()) {
      throw new AssertionError("nothing to delete: " + key);
    }
    bucket.delete(key);
  }

  /** Overwrites an object by its own bytes with one bit changed, as another writer could. */
  void flipWithChecksum(ObjectKey key) throws IOException {
    put(key, flipped(object(key)));
  }

  /** Changes one bit of an object's bytes on the store's disk; its checksum stays as it was. */
  void rot(ObjectKey key) throws IOException {
    Path file = dataFile(key);
    Files.write(file, flipped(Files.readAllBytes(file)));
  }

  /** Cuts the bytes on the store's disk; what the store says of the object stays as it was. */
  void cut(ObjectKey key) throws IOException {
    Path file = dataFile(key);
    byte[] content = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(content, content.length / 2));
  }

  private Path dataFile(ObjectKey key) throws IOException {
    Path sidecar = bucketRoot.resolve(key.value() + "~meta.json");
    String name = sidecar.getFileName().toString();
    String stem = name.substring(0, name.indexOf('~') + 1);
    try (Stream<Path> files = Files.list(sidecar.getParent())) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(stem))
          .filter(file -> !file.getFileName().toString().equals(name))
          .findFirst()
          .orElseThrow();
    }
  }

  static byte[] flipped(byte[] content) {
    byte[] changed = content.clone();
    changed[changed.length / 2] ^= 4;
    return changed;
  }

  /** A local file, wherever the segment is on this disk. */
  Path file(SegmentId id, FileKind kind) {
    Path own = data.resolve(id.partition().directory()).resolve(kind.fileName(id));
    Path restored =
        data.resolve(".restored").resolve(id.partition().directory()).resolve(kind.fileName(id));
    return Files.exists(own) ? own : restored;
  }

  void flipFile(SegmentId id, FileKind kind) throws IOException {
    Path file = file(id, kind);
    Files.write(file, flipped(Files.readAllBytes(file)));
  }

  @Override
  public void close() throws CatalogException {
    tiers.close();
    bucket.close();
  }
}
