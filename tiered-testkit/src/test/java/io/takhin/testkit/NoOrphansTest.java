package io.takhin.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class NoOrphansTest {
  private static final String STEM = "p/t-0/00000000000000000000";

  private final MemoryStore store = new MemoryStore();

  private void put(String key, String text) throws Exception {
    ByteBuffer body = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    store.put(new ObjectKey(key), body, Crc32c.of(body), PutOptions.BINARY);
  }

  @Test
  void whatNoManifestNamesIsAnOrphan() throws Exception {
    put(STEM + ".log", "records");
    put(STEM + ".index", "index");
    assertThat(NoOrphans.orphans(store, "p/"))
        .containsExactlyInAnyOrder(STEM + ".log", STEM + ".index");

    put(STEM + ".manifest.json", "{\"files\":[{\"name\":\"00000000000000000000.log\"}]}");

    assertThat(NoOrphans.orphans(store, "p/")).containsExactly(STEM + ".index");
  }

  @Test
  void aManifestOfTheKafkaPluginNamesTheTwoObjectsBesideIt() throws Exception {
    put(STEM + "-id.log", "records");
    put(STEM + "-id.indexes", "indexes");
    put(STEM + "-id.else", "else");

    put(STEM + "-id.manifest.json", "{\"writer\":\"takhin-kafka\"}");

    assertThat(NoOrphans.orphans(store, "p/")).containsExactly(STEM + "-id.else");
  }

  @Test
  void whatBelongsToTheArchiverItselfIsNone() throws Exception {
    put("p/.takhin/holds/audit.json", "{}");
    put("p/.takhin/writers/00000000000000000001.json", "{}");
    put("p/.takhin/gaps/t-0/00000000000000000000.json", "{}");
    put("p/.takhin/else.json", "{}");
    put(STEM + ".tombstone.json", "{}");

    assertThat(NoOrphans.orphans(store, "p/"))
        .containsExactlyInAnyOrder("p/.takhin/else.json", STEM + ".tombstone.json");
  }
}
