package io.takhin.tiered.transfer.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgressFileTest {
  private static final StoredObject ONE = object("a/1", "e1", 11);
  private static final StoredObject TWO = object("a/2", "e2", 22);
  private static final ObjectKey LARGE = new ObjectKey("b/large");

  @TempDir Path dir;

  @Test
  void remembersWhatIsDoneAndWhatWasLeft() throws Exception {
    // Given
    ProgressFile first = open();
    first.done(ONE);
    first.begins(LARGE);
    first.began(new PendingUpload(LARGE, "id-1", 5));
    first.begins(new ObjectKey("b/ended"));
    first.began(new PendingUpload(new ObjectKey("b/ended"), "id-2", 6));
    first.ended(new ObjectKey("b/ended"));
    first.begins(new ObjectKey("b/unnamed"));
    first.close(false);

    // When
    ProgressFile second = open();

    // Then
    assertThat(second.isDone(ONE)).isTrue();
    assertThat(second.isDone(TWO)).isFalse();
    assertThat(second.isDone(object("a/1", "another", 11))).isFalse();
    assertThat(second.leftovers())
        .isEqualTo(
            Map.of(
                "b/large",
                Optional.of(new PendingUpload(LARGE, "id-1", 5)),
                "b/unnamed",
                Optional.empty()));
    second.close(true);
    assertThat(file()).doesNotExist();
  }

  @Test
  void aLineThatWasCutShortIsTakenOffWhereverTheCutIs() throws Exception {
    // Given
    ProgressFile first = open();
    first.done(ONE);
    long whole = Files.size(file());
    first.done(TWO);
    first.close(false);
    byte[] bytes = Files.readAllBytes(file());

    for (int cut = (int) whole; cut < bytes.length; cut++) {
      // When
      Files.write(file(), Arrays.copyOf(bytes, cut));
      ProgressFile resumed = open();

      // Then
      assertThat(resumed.isDone(ONE)).isTrue();
      assertThat(resumed.isDone(TWO)).isFalse();
      resumed.done(TWO);
      resumed.close(false);
      assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
    }
  }

  @Test
  void aHeaderThatWasCutShortIsBegunAnew() throws Exception {
    open().close(false);
    byte[] header = Files.readAllBytes(file());
    for (int cut = 0; cut < header.length; cut++) {
      Files.write(file(), Arrays.copyOf(header, cut));

      open().close(false);

      assertThat(Files.readAllBytes(file())).isEqualTo(header);
    }
  }

  @Test
  void theFileOfAnotherTransferIsRefusedAndLeftAsItIs() throws Exception {
    // Given
    ProgressFile mine = open();
    mine.done(ONE);
    mine.close(false);
    byte[] bytes = Files.readAllBytes(file());

    // When / Then
    KeyFilter logs = new KeyFilter(List.of("*.log"), List.of());
    assertThatThrownBy(() -> ProgressFile.open(file(), "other", "target", KeyFilter.ALL))
        .isInstanceOf(TransferRefusedException.class)
        .hasMessageContaining("another transfer")
        .hasMessageContaining("other");
    assertThatThrownBy(() -> ProgressFile.open(file(), "source", "target", logs))
        .isInstanceOf(TransferRefusedException.class)
        .hasMessageContaining("*.log");
    assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
  }

  @Test
  void aFileThatIsNoneIsRefusedAndLeftAsItIs() throws Exception {
    for (String text : List.of("my diary", "{\"a\":1}\n", "no json\n", "[]\n")) {
      Files.writeString(file(), text);

      assertThatThrownBy(this::open).isInstanceOf(TransferRefusedException.class);

      assertThat(Files.readString(file())).isEqualTo(text);
    }
  }

  @Test
  void aDamagedLineInTheMiddleIsRefused() throws Exception {
    open().close(false);
    Files.writeString(file(), Files.readString(file()) + "{\"done\":\n{}\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(TransferRefusedException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void aFileInUseIsRefused() throws Exception {
    ProgressFile first = open();

    assertThatThrownBy(this::open)
        .isInstanceOf(TransferRefusedException.class)
        .hasMessageContaining("in use");

    first.close(false);
    open().close(true);
  }

  @Test
  void aThreadThatIsInterruptedWritesAllTheSame() throws Exception {
    ProgressFile first = open();
    Thread.currentThread().interrupt();
    first.done(ONE);
    first.begins(LARGE);
    assertThat(Thread.interrupted()).isTrue();
    first.done(TWO);
    first.close(false);

    ProgressFile second = open();
    assertThat(second.isDone(TWO)).isTrue();
    second.close(true);
  }

  private ProgressFile open() throws IOException {
    return ProgressFile.open(file(), "source", "target", KeyFilter.ALL);
  }

  private Path file() {
    return dir.resolve("transfer.progress");
  }

  private static StoredObject object(String key, String etag, long sizeBytes) {
    return new StoredObject(
        new ObjectKey(key), sizeBytes, Optional.empty(), etag, Instant.EPOCH, Map.of());
  }
}
