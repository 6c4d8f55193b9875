package io.takhin.kafka.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.kafka.form.KeyRing.DataKey;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.WrappedKey;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
  private static final RemoteSegmentId SEGMENT = id("wHDQ-_1aSvKJQq1tqKyN0A");

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDataKeyComesBackFromWhatIsStored(boolean isRsa) throws Exception {
    Path file = directory.resolve("key");
    KeyRing ring = ring("k1", Map.of("k1", isRsa ? KeyFiles.rsa(file) : KeyFiles.aes(file, 1)));

    DataKey key = ring.newKey(SEGMENT);

    ByteBuffer stored = ByteBuffer.allocate(WrappedKey.BYTES);
    key.wrapped().put(stored);
    assertThat(stored.hasRemaining()).isFalse();
    WrappedKey read = WrappedKey.parse(stored.array());
    assertThat(read).isEqualTo(key.wrapped());
    assertThat(ring.unwrap(SEGMENT, read)).isEqualTo(key.key());
    assertThat(ring.newKey(SEGMENT).key()).as("each has its own").isNotEqualTo(key.key());
    assertThatThrownBy(() -> ring.unwrap(id("AAAA-_1aSvKJQq1tqKyN0A"), read))
        .as("it is of one segment")
        .isInstanceOf(KeyUnusableException.class)
        .hasMessageContaining("key_id=k1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anotherKeyOfTheSameIdIsToldFromTheRightOne(boolean isRsa) throws Exception {
    Path right = directory.resolve("right");
    Path other = directory.resolve("other");
    DataKey key =
        ring("k1", Map.of("k1", isRsa ? KeyFiles.rsa(right) : KeyFiles.aes(right, 1)))
            .newKey(SEGMENT);
    KeyRing wrong = ring("k1", Map.of("k1", isRsa ? KeyFiles.rsa(other) : KeyFiles.aes(other, 2)));

    assertThatThrownBy(() -> wrong.unwrap(SEGMENT, key.wrapped()))
        .isInstanceOf(KeyUnusableException.class)
        .hasMessageContaining("is not the one that the segment was encrypted with")
        .hasMessageContaining("key_id=k1");
  }

  @Test
  void aKeyThatIsNotHereIsNamed() throws Exception {
    DataKey key =
        ring("old", Map.of("old", KeyFiles.aes(directory.resolve("a"), 1))).newKey(SEGMENT);
    KeyRing without = ring("new", Map.of("new", KeyFiles.aes(directory.resolve("b"), 2)));

    assertThatThrownBy(() -> without.unwrap(SEGMENT, key.wrapped()))
        .isInstanceOf(KeyUnusableException.class)
        .hasMessageContaining("key_id=old configured=[new]");
    assertThatThrownBy(() -> KeyRing.NONE.unwrap(SEGMENT, key.wrapped()))
        .isInstanceOf(KeyUnusableException.class)
        .hasMessageContaining("configured=[]");
  }

  @Test
  void filesThatAreNoKeysAreRefusedWithoutTheirContent() throws Exception {
    KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
    small.initialize(1024);
    Map<String, Path> files =
        Map.of(
            "short",
            Files.writeString(
                directory.resolve("short"), Base64.getEncoder().encodeToString(new byte[16])),
            "text",
            Files.writeString(directory.resolve("text"), "hunter2"),
            "pem",
            Files.writeString(
                directory.resolve("pem"),
                "-----BEGIN PRIVATE KEY-----\nhunter2x\n-----END PRIVATE KEY-----\n"),
            "weak",
            KeyFiles.pem(
                directory.resolve("weak"), small.generateKeyPair().getPrivate().getEncoded()),
            "absent",
            directory.resolve("absent"));
    for (Map.Entry<String, Path> file : files.entrySet()) {
      assertThatThrownBy(() -> KeyRing.read(Map.of("k1", file.getValue()), Optional.of("k1")))
          .as(file.getKey())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("key_id=k1 file=" + file.getValue())
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void theActiveKeyHasToBeOneOfThem() throws Exception {
    Path file = KeyFiles.aes(directory.resolve("a"), 1);

    assertThatThrownBy(() -> ring("k2", Map.of("k1", file)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected one of [k1], got k2");
  }

  @Test
  void nothingOfAKeyIsInTexts() throws Exception {
    KeyRing ring = ring("k1", Map.of("k1", KeyFiles.aes(directory.resolve("a"), 1)));

    assertThat(ring).hasToString("KeyRing[active=k1, keys=[k1]]");
    assertThat(ring.newKey(SEGMENT).wrapped()).hasToString("WrappedKey[masterKeyId=k1]");
  }

  private static KeyRing ring(String active, Map<String, Path> files) throws Exception {
    return KeyRing.read(files, Optional.of(active));
  }

  private static RemoteSegmentId id(String copyId) {
    return new RemoteSegmentId(SegmentId.of("orders", 3, 1000), "PzaWQqJzQZuUQq1tqKyN0A", copyId);
  }
}
