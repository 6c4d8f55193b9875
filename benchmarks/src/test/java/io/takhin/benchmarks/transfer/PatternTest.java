package io.takhin.benchmarks.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PatternTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1_000_003, Pattern.BLOCK_BYTES, 5 * Pattern.BLOCK_BYTES + 17})
  void theChecksumIsThatOfAFileOfTheSize(int sizeBytes) throws Exception {
    Path file = directory.resolve("file");

    Pattern.write(file, sizeBytes);

    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(sizeBytes);
    assertThat(Pattern.checksum(sizeBytes)).isEqualTo(Crc32c.of(ByteBuffer.wrap(bytes)));
  }
}
