package io.takhin.tiered.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestTest {
  private static final SegmentId ID = SegmentId.of("orders", 3, 1000);
  private static final SegmentKeys KEYS = new SegmentKeys("cluster/a");
  private static final Manifest MANIFEST =
      new Manifest(
          ID,
          2000,
          -1,
          1_700_000_000_000L,
          "attempt-1",
          1_700_000_100_000L,
          List.of(
              new ArchivedFile(
                  FileKind.INDEX, KEYS.file(ID, FileKind.INDEX), 80, new Crc32c(0xe3069283)),
              new ArchivedFile(
                  FileKind.LOG, KEYS.file(ID, FileKind.LOG), 3L << 30, new Crc32c(1))));

  private static String json() {
    return new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
  }

  private static Manifest parse(String json) throws InvalidManifestException {
    return Manifest.parse(KEYS.manifest(ID), json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatItWrites() throws Exception {
    assertThat(parse(json())).isEqualTo(MANIFEST);
  }

  /** The format is a promise: this text changes with {@link Manifest#FORMAT} only. */
  @Test
  void writesFormatTwo() {
    assertThat(json().replaceAll("\\s", ""))
        .isEqualTo(
            "{\"format\":2,\"writer\":\"takhin\",\"attempt\":\"attempt-1\","
                + "\"createdAtMillis\":1700000100000,\"topic\":\"orders\",\"partition\":3,"
                + "\"baseOffset\":1000,\"endOffset\":2000,\"maxTimestampMillis\":-1,"
                + "\"lastModifiedMillis\":1700000000000,\"files\":["
                + "{\"kind\":\"index\",\"name\":\"00000000000000001000.index\",\"sizeBytes\":80,"
                + "\"crc32c\":\"4waSgw==\"},"
                + "{\"kind\":\"log\",\"name\":\"00000000000000001000.log\","
                + "\"sizeBytes\":3221225472,\"crc32c\":\"AAAAAQ==\"}]}");
  }

  @Test
  void filesLieBesideTheManifestWhereverItIs() throws Exception {
    Manifest moved =
        Manifest.parse(
            new ObjectKey("elsewhere/orders-3/00000000000000001000.manifest.json"),
            MANIFEST.toJson());

    assertThat(moved.files().get(1).key())
        .isEqualTo(new ObjectKey("elsewhere/orders-3/00000000000000001000.log"));
  }

  @Test
  void ignoresFieldsOfLaterReleases() throws Exception {
    assertThat(parse(json().replace("\"writer\"", "\"colour\" : \"red\", \"writer\"")))
        .isEqualTo(MANIFEST);
  }

  @Test
  void readsTheFormatBefore() throws Exception {
    String older = json().replace("\"format\" : 2", "\"format\" : 1");
    assertThat(older).isNotEqualTo(json());

    assertThat(parse(older)).isEqualTo(MANIFEST);
  }

  @Test
  void refusesANewerFormat() {
    assertThatThrownBy(() -> parse(json().replace("\"format\" : 2", "\"format\" : 3")))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("expected 1 to 2, got 3")
        .hasMessageContaining(KEYS.manifest(ID).value());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"partition\" : 3,",
        "\"baseOffset\" : 1000,",
        "\"sizeBytes\" : 80,",
        "\"attempt\" : \"attempt-1\",",
        "\"format\" : 2,"
      })
  void refusesWhatLacksAField(String field) {
    assertThat(json()).contains(field);

    assertThatThrownBy(() -> parse(json().replace(field, "")))
        .isInstanceOf(InvalidManifestException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "<?xml version='1.0'?><Error/>",
        "{\"format\":1}",
        "{\"format\":1,\"files\":[]}"
      })
  void refusesWhatIsNoManifest(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(InvalidManifestException.class);
  }

  @Test
  void refusesNamesThatLeadElsewhere() {
    assertThatThrownBy(
            () -> parse(json().replace("00000000000000001000.log", "../../other/secret")))
        .isInstanceOf(InvalidManifestException.class);
  }

  @Test
  void keysOfASegmentShareAStemWithNoOther() {
    SegmentKeys bare = new SegmentKeys("");

    assertThat(bare.manifest(ID).value()).isEqualTo("orders-3/00000000000000001000.manifest.json");
    assertThat(KEYS.stem(ID)).isEqualTo("cluster/a/orders-3/00000000000000001000.");
    assertThatThrownBy(() -> new SegmentKeys("/lead")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SegmentKeys("a/../b"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
