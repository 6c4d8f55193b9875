package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A manager with one sealed segment, and what is asked of the two when archiving goes wrong. */
abstract class OneSegment {
  static final int BYTES = 3000;
  static final String MANIFEST = "manifest.json";

  Site site;
  TieredStorageManager tiers;
  SegmentId id;

  @BeforeEach
  void open(@TempDir Path root) throws Exception {
    site = new Site(root);
    tiers = site.open();
    id = site.sealed(tiers, 0, BYTES);
  }

  @AfterEach
  void close() throws Exception {
    site.close();
  }

  String state() {
    return tiers.find(id).orElseThrow().state().label();
  }

  void requireUntouched() throws Exception {
    assertThat(state()).isEqualTo("local");
    assertThat(site.localLog(id)).hasBinaryContent(content(id, BYTES));
  }

  static ObjectKey key(String ending) {
    return new ObjectKey("cluster/orders-0/00000000000000000000." + ending);
  }

  void put(String ending, byte[] bytes) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    site.bucket.put(key(ending), body, Crc32c.of(body), PutOptions.BINARY);
  }

  /** As a catalog does that was lost. */
  void forgetAndKeepObjects() throws Exception {
    tiers.close();
    try (Stream<Path> files = Files.walk(site.root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (site.root.relativize(file).toString().startsWith(".catalog")) {
          Files.delete(file);
        }
      }
    }
    tiers = site.open();
    tiers.writer().takeOver(); // A catalog that was made anew is another writer's.
    site.clock.advance(Duration.ofMinutes(5));
    tiers.register(
        SegmentMetadata.sealed(id, 100, site.clock.millis(), BYTES, site.clock.millis()));
  }

  /** Archived, with the local files still here. */
  SegmentMetadata archivedAndHeld() throws Exception {
    try (var reader = await(tiers.open(id, "test"))) {
      SegmentMetadata archived = await(tiers.archive(reader.files().id(), "test"));
      assertThat(archived.state().label()).isEqualTo("archived");
      return archived;
    }
  }

  byte[] bytes(ObjectKey key) throws Exception {
    var object = site.bucket.head(key).orElseThrow();
    var bytes = new ByteArrayOutputStream();
    site.bucket.read(key, 0, object.sizeBytes(), null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }
}
