package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class StorageFailuresTest {
  private final StorageFailures failures = new StorageFailures();

  @Test
  void aFailedWriteIsToldAndTakesNoDirectoryOffline() {
    // Given
    assertThat(failures.recent()).isEmpty();

    // When
    failures.maybeAddOfflineLogDir("/data", "append to t-0", new IOException("no space left"));
    failures.maybeAddOfflineLogDir("/data", "append to t-1", new IOException("no space left"));

    // Then
    assertThat(failures.recent()).contains("append to t-1: no space left");
    assertThat(failures.hasOfflineLogDir("/data")).isFalse();
  }
}
