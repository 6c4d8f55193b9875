package io.takhin.tiered.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectorySegmentsTest {
  private static final SegmentId ID = SegmentId.of("orders", 0, 0);
  private static final SegmentId NEXT = SegmentId.of("orders", 0, 100);

  @TempDir Path root;

  private Path write(Path below, SegmentId id, FileKind kind) throws IOException {
    Path directory = Files.createDirectories(below.resolve(id.partition().directory()));
    return Files.writeString(directory.resolve(kind.fileName(id)), kind.extension());
  }

  @Test
  void freesAllFilesOfOneSegmentAndNoOther() throws Exception {
    for (FileKind kind : FileKind.local()) {
      write(root, ID, kind);
    }
    Path other = write(root, NEXT, FileKind.LOG);
    DirectorySegments segments = new DirectorySegments(root);

    assertThat(segments.free(ID)).isTrue();

    try (var files = Files.list(segments.directory(ID.partition()))) {
      assertThat(files.toList()).isEqualTo(List.of(other));
    }
    assertThatThrownBy(() -> segments.locate(ID))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("00000000000000000000.log");
  }

  @Test
  void freeingWhatIsGoneSucceeds() throws Exception {
    DirectorySegments segments = new DirectorySegments(root);

    assertThat(segments.free(ID)).isTrue();
    assertThat(segments.free(ID)).isTrue();
  }

  @Test
  void segmentIsFoundInEitherPlaceTheLogsOwnFirst() throws Exception {
    Path own = root.resolve("own");
    Path restored = root.resolve("restored");
    LocalCopies copies =
        new LocalCopies(new DirectorySegments(own), new DirectorySegments(restored));
    Path back = write(restored, ID, FileKind.LOG);
    assertThat(copies.locate(ID).log()).isEqualTo(back);

    Path original = write(own, ID, FileKind.LOG);

    assertThat(copies.locate(ID).log()).isEqualTo(original);
    assertThat(copies.free(ID)).isTrue();
    assertThat(copies.exists(ID)).isFalse();
    assertThat(back).doesNotExist();
  }
}
